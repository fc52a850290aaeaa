"""Provider claims of US Medicare form, turned into a source folder of platform tables that a build reads."""

from loaders.claims.importing import Imported, import_claims

__all__ = ["Imported", "import_claims"]
