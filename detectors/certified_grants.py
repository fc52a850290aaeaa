"""Special-disease benefits that one doctor certifies, or one agent brings, and one handler grants (内外勾连办理门慢门特)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from detectors.base import DetectorSpec, Param, Skipped, Value
from detectors.case_findings import Handled, handled
from detectors.chance import log_tail
from detectors.groups import read_sql
from detectors.innocence import registered_agent
from detectors.pattern_rows import Candidate
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, Signal, Text
from graphaudit.query_spec import REGISTERED

#: Registers whose innocent causes are held against a finding; the agent's is weighed here, for the papers are the matter.
WEIGHED = tuple(register for register in REGISTERED if register != "agent")

#: What a share counted over few grants leans on: so many grants at the wider share.
PRIOR = 2.0

#: Who a handler may act together with, and what each did: the doctor who certified, the agent who brought the papers.
PARTNERS = {
    "doctor_no": Text("该医师认定", "the doctor certified"),
    "agent_no": Text("该代办人送办", "the agent brought"),
}

#: Nats by which an agent's papers must gather at a desk: where they do not, missing visits say nothing of the handler.
LEAST_DESK = 3.0

#: Grants of so few persons are nobody's habit and are not tested: each test makes the others dearer.
LEAST_TESTED = 4


class CertifiedForOneHandler:
    """Finds handlers who grant what one doctor certified or one agent brought, though other desks could have had it."""

    spec = DetectorSpec(
        id="certified_for_one_handler",
        version=2,
        pattern="insider",
        kind="certified_for_one_handler",
        title=Text(
            "同一医师认定或同一代办人送办、总由同一经办人办理的门慢门特",
            "Special-disease benefits certified by one doctor or brought by one agent, always granted by one handler",
        ),
        question=Text(
            "哪些医师认定的门慢门特，总是落到同一经办点的同一名经办人手中，超出该经办人在本经办点、该病种、该机构其他医师处应占的份额，"
            "且由同一代办人反复送办？哪些代办人送办的材料总由同一经办人办理，而此前没有因该病种就诊的记录？",
            "Which doctor's certificates of special diseases always reach the same handler of an office, beyond the handler's share "
            "of the office, of the disease and of the institution's other doctors, and are brought by the same agent? Which agent's "
            "papers always reach the same handler, while no visit for the disease precedes them?",
        ),
        status="trial",
        params=(
            Param("least_households", 4, "fewer meet the same two people by chance"),
            Param("least_log_p", 4.0, "nats by which pair and agent together beat chance, the search paid for"),
        ),
        needs=("registrations.handler_no", "registrations.handled_at", "registrations.doctor_no", "handlers.office"),
        null_model=Text(
            "一名医师认定的登记按经办人在本经办点的份额随机落到各经办人；该病种或该机构其他医师的登记若更集中于此人，则以较大者为准"
            "（二项分布）。代办人送办的次数按其在其他登记中的份额检验。代办人与经办人的搭配同样按份额检验，"
            "与此前没有就诊记录的登记数（泊松分布，按其他登记的比率）合并。两者合并，并除以检验的对数。",
            "A doctor's certificates fall to the office's handlers by their shares, or by the handler's share of the disease or of the "
            "institution's other doctors where that is larger (binomial). How many one agent brought is tested against the agent's "
            "share of the other registrations. What an agent brought is tested by the handlers' shares as well, and joined with the "
            "number that no visit for the disease precedes (Poisson, at the other registrations' rate). Of each pair both are joined, "
            "and the number of pairs tested is paid for.",
        ),
        benign=(
            Text("专办某病种的窗口", "a window that registers one disease only"),
            Text("对口某家医院的窗口", "a window that serves one hospital"),
            Text("只有一名经办人的经办点", "an office of one handler"),
            Text(
                "由登记代办人为本村人送办",
                "a registered agent who brings the papers of a village, to one desk as a rule",
            ),
        ),
        misses=(
            Text(
                "每名医师只认定一两人，或由多名经办人轮流办理的情形",
                "one or two persons a doctor, or several handlers in turn",
            ),
            Text("数据开始之前办理的登记", "registrations made before the records begin"),
        ),
        legal_basis=("Order 735 art. 37", "Order 735 art. 40", "Order 735 art. 44"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        grants = build.tables.execute(read_sql("certified_grants")).df()
        if grants.empty:
            raise Skipped(Text("数据期间没有登记门慢门特", "no special disease was registered since the records begin"))
        text = Text(
            "同一经办人为{persons}名参保人（{households}个家庭）办理由同一医师认定或同一代办人送办的门慢门特，其后因该病种结算{settlements}笔。",
            "One handler granted special-disease benefits of {persons} insured persons of {households} households that one doctor "
            "certified or one agent brought; {settlements} settlements for these diseases followed.",
        )
        groups = list(_groups(grants, float(params["least_log_p"])))
        least = {"households": int(params["least_households"])}
        return handled(build.tables, groups, self.spec, text, least=least, weighs=WEIGHED)


def _groups(grants: pd.DataFrame, least_log_p: float) -> Iterator[Handled]:
    pairs = [(by, pair) for by in PARTNERS for pair in _pairs(grants, by).to_dict("records")]
    told: list[set[int]] = []
    for by, pair in pairs:
        if by == "agent_no" and pair["log_p"] > -LEAST_DESK:
            continue
        # who comes in person has no agent, and is one of the others
        at = (grants["handler_no"] == pair["handler_no"]) & (grants[by] == pair[by]).fillna(False).astype(bool)
        held, others = grants[at], grants[~at]
        used = held[held["settlements"].notna()]
        persons = set(used["person_no"].tolist())
        # what an agent brought of one doctor's is told with the doctor
        if not persons or any(persons <= known for known in told):
            continue
        agent, log_agent = _agent(held, others)
        unseen, log_unseen, excess = _unseen(used, others)
        both = -(float(pair["log_p"]) + (log_agent if by == "doctor_no" else log_unseen))
        # the sum of two exponential variables, where both tails are exact; counts make them smaller, never larger
        bound = min(0.0, math.log1p(both) - both + math.log(len(pairs)))
        if bound > -least_log_p:
            continue
        told.append(persons)
        members = [Member("handler", int(pair["handler_no"]), "handler")]
        members += [Member("person", int(no), "claimant") for no in sorted(persons)]
        signals = [_together(pair, by)]
        if by == "doctor_no":
            members.append(Member("doctor", int(pair["doctor_no"]), "doctor"))
        if log_agent < 0:
            members.append(Member("agent", agent, "agent"))
            if by == "doctor_no":
                signals.append(_brought(int((held["agent_no"] == agent).sum()), log_agent))
        signals += unseen
        settlements = np.unique(np.concatenate(used["settlements"].tolist())).tolist()
        yield Handled(
            Candidate(tuple(members), tuple(int(no) for no in settlements)),
            tuple(signals),
            bound,
            (_usual_desk(float((held["agent_no"] == agent).mean()), excess),),
        )


def _pairs(grants: pd.DataFrame, by: str) -> pd.DataFrame:
    """Handlers and doctors or agents (`by`) with LEAST_TESTED persons: counts, the chance's share, the log of the tail."""
    told = grants[grants[by].notna()]
    pairs = told.groupby(["office", "handler_no", by], as_index=False).agg(
        together=("registration_id", "size"), persons=("person_no", "nunique")
    )
    pairs = pairs[pairs["persons"] >= LEAST_TESTED].reset_index(drop=True)
    if pairs.empty:
        return pairs
    of_office = grants.groupby("office").agg(all=("registration_id", "size"), desks=("handler_no", "nunique"))
    of_desk = grants.groupby(["office", "handler_no"], as_index=False).agg(granted=("registration_id", "size"))
    of_partner = told.groupby(["office", by], as_index=False).agg(partner_all=("registration_id", "size"))
    pairs = pairs.merge(of_office, on="office").merge(of_desk, on=["office", "handler_no"])
    pairs = pairs.merge(of_partner, on=["office", by])
    others = pairs["all"] - pairs["partner_all"]
    pairs["share"] = (pairs["granted"] - pairs["together"] + 1) / (others + pairs["desks"])
    within = [["disease"], ["site_no"]] if by == "doctor_no" else [["disease"]]
    pairs["share"] = np.maximum.reduce([pairs["share"], *(_share_within(grants, pairs, by, same) for same in within)])
    pairs["log_p"] = stats.binom.logsf(pairs["together"] - 1, pairs["partner_all"], pairs["share"].clip(upper=1.0))
    return pairs.sort_values(["office", "handler_no", by], ignore_index=True)


def _share_within(grants: pd.DataFrame, pairs: pd.DataFrame, by: str, same: list[str]) -> pd.Series[float]:
    """The handler's share of what is no other grant of the pair's doctor or agent, of the `same` as the pair's grants."""
    keys = ["office", "handler_no", by]
    held = grants.merge(pairs[keys], on=keys)[[*keys, *same]].drop_duplicates()
    other = held.merge(grants, on=["office", *same], suffixes=("", "_other"))
    other = other[(other[f"{by}_other"] != other[by]).fillna(True)]
    counted = (
        other.assign(own=other["handler_no_other"] == other["handler_no"]).groupby(keys)["own"].agg(["sum", "size"])
    )
    at = pairs[keys].join(counted, on=keys).fillna(0)
    shares: pd.Series[float] = (at["sum"] + PRIOR * pairs["share"]) / (at["size"] + PRIOR)
    return shares


def _agent(held: pd.DataFrame, others: pd.DataFrame) -> tuple[int, float]:
    """Who brought most of the papers, and the log of the chance of as many more after the first; 0 for a single one."""
    brought = held.groupby("agent_no")["person_no"].nunique()
    if brought.empty or brought.max() < 2:
        return -1, 0.0
    agent, most = int(brought.index[int(brought.to_numpy().argmax())]), int(brought.max())
    elsewhere = int((others["agent_no"] == agent).sum())
    share = (elsewhere + 1) / (len(others) + 1)
    return agent, min(0.0, float(stats.binom.logsf(most - 2, len(held) - 1, min(share, 1.0))))


def _brought(papers: int, log_agent: float) -> Signal:
    return Signal(
        "brought_by_one_agent",
        math.log1p(-log_agent),
        1.0,
        Text(f"同一代办人送办{papers}项", f"one agent brought the papers of {papers}"),
    )


def _together(pair: Mapping[Any, Any], by: str) -> Signal:
    together, of_partner, share = int(pair["together"]), int(pair["partner_all"]), float(pair["share"])
    whose = PARTNERS[by]
    return Signal(
        "certified_for_one_handler" if by == "doctor_no" else "brought_to_one_handler",
        math.log1p(-float(pair["log_p"])),
        3.0,
        Text(
            f"{whose.zh}的{of_partner}项中有{together}项由此经办人办理，按份额预计{of_partner * share:.1f}项",
            f"the handler granted {together} of the {of_partner} that {whose.en}; {of_partner * share:.1f} by share",
        ),
    )


def _unseen(used: pd.DataFrame, others: pd.DataFrame) -> tuple[list[Signal], float, float]:
    """Grants that no visit for the disease precedes, where there are more of them than among the others; the log of the
    chance of as many; and the share of the grants with one expected that lack it, 0 to 1.
    """
    others = others[others["settlements"].notna()]
    n, rate = int(used["is_unseen"].sum()), (float(others["is_unseen"].sum()) + 0.5) / (len(others) + 1)
    expected = len(used) * rate
    if n <= expected:
        return [], 0.0, 0.0
    log_p = min(0.0, float(log_tail(n, expected)))
    signal = Signal(
        "granted_unseen",
        math.log1p(-log_p),
        1.0,
        Text(
            f"{n}项此前没有因该病种就诊的记录，按其他登记的比率预计{expected:.1f}项",
            f"{n} without a visit for the disease before; {expected:.1f} at the other registrations' rate",
        ),
    )
    return [signal], log_p, (n / len(used) - rate) / (1 - rate)


def _usual_desk(brought: float, excess: float) -> BenignCause:
    """An agent may always go to one desk: that explains who meets there, not that visits for the disease are missing."""
    cause = registered_agent(brought)
    return BenignCause(cause.cause, cause.weight * (1 - excess), cause.text)
