"""Every detector of the product, and how a build is asked all of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

from detectors.admissions import AdmissionGroups
from detectors.base import Detector, Skipped, Value, effective, skip_reason
from detectors.care_beyond_age import CareBeyondAge
from detectors.care_streams import CareStreams
from detectors.care_unlike_holder import CareUnlikeHolder
from detectors.certified_grants import CertifiedForOneHandler
from detectors.charged_again import ChargedAgain
from detectors.cloned_bills import ClonedBills
from detectors.covisit import CoPresenceGroups
from detectors.crowded_wards import CrowdedWards
from detectors.doctor_capacity import DoctorCapacity
from detectors.doctor_fills import DoctorFills
from detectors.doctor_places import DoctorAtTwoPlaces
from detectors.drug_streams import DrugStreams
from detectors.equal_baskets import EqualBaskets
from detectors.fees_below_a_limit import FeesBelowALimit
from detectors.foreign_drugs import ForeignDrugs
from detectors.frequent_stays import FrequentStays
from detectors.guest_terminals import GuestTerminals
from detectors.heavy_cards import HeavyCards
from detectors.holiday_stays import HolidayStays
from detectors.hurried import HurriedCases
from detectors.invoice_claimed_again import InvoiceClaimedAgain
from detectors.moved_buyers import MovedBuyers
from detectors.odd_visits import OddVisitGroups
from detectors.off_hours import OffHours
from detectors.one_desk import OneDesk
from detectors.one_list import OneList
from detectors.organisation_outings import OrganisationOutings
from detectors.over_supply import OverSupply
from detectors.packs_sold_again import PacksSoldAgain
from detectors.paper_stays import PaperStays
from detectors.pattern import PatternDetector
from detectors.propagation import Propagation
from detectors.referred_stays import ReferredStays
from detectors.replaced_custom import ReplacedCustom
from detectors.sampled_drugs import SampledDrugs
from detectors.settled_after_end import SettledAfterEnd
from detectors.site_communities import PersonSiteCommunities
from detectors.split_stays import SplitStays
from detectors.staff import HandlerClientele, HandlerPairs
from detectors.sudden_custom import SuddenCustom
from detectors.suspended_terminals import SuspendedTerminals
from detectors.swipe_refunds import SwipeRefunds
from detectors.terminals import DoubleSignIns
from detectors.treating import TreatingWhileInPatient
from detectors.unexamined import UnexaminedApprovals
from detectors.unforeseen import UnforeseenGroups
from graphaudit.builds.view import BuildView
from graphaudit.errors import ConfigurationError
from graphaudit.findings import Finding, Text
from graphaudit.queries import load_patterns

logger = logging.getLogger(__name__)

#: Statistical detectors first, then one for every file of cypher/patterns, in the order of their ids.
DETECTORS: tuple[Detector, ...] = (
    CoPresenceGroups(),
    OddVisitGroups(),
    AdmissionGroups(),
    ReferredStays(),
    PaperStays(),
    SplitStays(),
    FrequentStays(),
    CrowdedWards(),
    HolidayStays(),
    FeesBelowALimit(),
    ClonedBills(),
    ChargedAgain(),
    InvoiceClaimedAgain(),
    OrganisationOutings(),
    CareStreams(),
    DrugStreams(),
    CareUnlikeHolder(),
    CareBeyondAge(),
    SettledAfterEnd(),
    DoubleSignIns(),
    GuestTerminals(),
    SuspendedTerminals(),
    OneDesk(),
    MovedBuyers(),
    SuddenCustom(),
    ReplacedCustom(),
    DoctorFills(),
    SampledDrugs(),
    HandlerClientele(),
    HandlerPairs(),
    HurriedCases(),
    UnforeseenGroups(),
    Propagation(),
    PersonSiteCommunities(),
    UnexaminedApprovals(),
    CertifiedForOneHandler(),
    ForeignDrugs(),
    OneList(),
    PacksSoldAgain(),
    OverSupply(),
    SwipeRefunds(),
    DoctorCapacity(),
    DoctorAtTwoPlaces(),
    TreatingWhileInPatient(),
    EqualBaskets(),
    HeavyCards(),
    OffHours(),
    *(PatternDetector(query) for query in load_patterns()),
)


@dataclass(frozen=True, slots=True)
class SkippedDetector:
    """A detector that did not run on a build, and why."""

    detector: str
    reason: Text


@dataclass(frozen=True, slots=True)
class DetectorCost:
    """What asking one detector took: wall-clock seconds, and how many findings came of it."""

    detector: str
    seconds: float
    findings: int


def detector(name: str) -> Detector:
    """The detector called `name`; ConfigurationError naming the known ones when there is none."""
    for known in DETECTORS:
        if known.spec.id == name:
            return known
    raise ConfigurationError(
        f"there is no detector {name}", f"known: {', '.join(sorted(known.spec.id for known in DETECTORS))}"
    )


def run_all(
    build: BuildView,
    only: Sequence[str] | None = None,
    overrides: Mapping[str, Mapping[str, Value]] | None = None,
    costs: list[DetectorCost] | None = None,
) -> tuple[list[Finding], list[SkippedDetector]]:
    """Ask every detector (or those named in `only`), with parameters from `overrides` by detector.

    Retired detectors do not run. `costs` is filled with what each took, in the order in which they were asked.
    ConfigurationError, before anything runs, for an unknown detector or parameter.
    """
    given = overrides or {}
    for name in (*given, *(only or ())):
        detector(name)
    chosen = [d for d in DETECTORS if (only is None or d.spec.id in only) and d.spec.status != "retired"]
    params = {d.spec.id: effective(d.spec.params, given.get(d.spec.id, {})) for d in chosen}
    findings: list[Finding] = []
    skipped: list[SkippedDetector] = []
    build.progress.stage("detect", len(chosen))
    for each in chosen:
        reason = skip_reason(each.spec, build)
        if reason is None:
            began = perf_counter()
            try:
                found = list(each.find(build, params[each.spec.id]))
            except Skipped as skip:
                reason = skip.reason
            else:
                findings += found
                cost = DetectorCost(each.spec.id, round(perf_counter() - began, 3), len(found))
                if costs is not None:
                    costs.append(cost)
                logger.info("detector=%s findings=%d seconds=%.2f", cost.detector, cost.findings, cost.seconds)
        if reason is not None:
            skipped.append(SkippedDetector(each.spec.id, reason))
            logger.info("detector=%s skipped reason=%s", each.spec.id, reason.en)
        build.progress.advance(note=each.spec.id)
    return findings, skipped
