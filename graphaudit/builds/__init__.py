"""One build from stage to publish: manifest, stages, resume, publish, rollback."""
