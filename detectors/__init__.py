"""Find: pattern queries and statistical detectors that turn one build into findings."""
