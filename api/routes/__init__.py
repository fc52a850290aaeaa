"""One router per subject, in the order in which OpenAPI lists them."""

from api.routes import browser, builds, health, leads, openapi

ROUTERS = (leads.router, builds.router, browser.router, openapi.router, health.router)
