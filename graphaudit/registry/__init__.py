"""What outlives a rebuild: published builds, lead states, API keys and the audit log, in SQLite or PostgreSQL."""

from graphaudit.registry.audit import AuditEvent, AuditHead, AuditRecord, AuditVerdict
from graphaudit.registry.builds import BuildRecord
from graphaudit.registry.contract import BUILD_ID, LEAD_ID, check_leads
from graphaudit.registry.database import RegistryError
from graphaudit.registry.keys import SCOPES, KeyRecord, Principal
from graphaudit.registry.leads import LeadFilter, LeadState, Sort, StaleVersionError
from graphaudit.registry.registry import Registry
from graphaudit.registry.tables import BUILD_STATES, LEAD_STATUSES, MEMBER_TYPES

__all__ = [
    "BUILD_ID",
    "BUILD_STATES",
    "LEAD_ID",
    "LEAD_STATUSES",
    "MEMBER_TYPES",
    "SCOPES",
    "AuditEvent",
    "AuditHead",
    "AuditRecord",
    "AuditVerdict",
    "BuildRecord",
    "KeyRecord",
    "LeadFilter",
    "LeadState",
    "Principal",
    "Registry",
    "RegistryError",
    "Sort",
    "StaleVersionError",
    "check_leads",
]
