"""One router per subject, in the order in which OpenAPI lists them."""

from api.routes import builds, health, leads, openapi

ROUTERS = (leads.router, builds.router, openapi.router, health.router)
