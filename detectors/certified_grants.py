"""Special-disease benefits that one doctor certifies and one handler grants, beyond chance (内外勾连办理门慢门特)."""

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

#: Grants of so few persons are nobody's habit and are not tested: each test makes the others dearer.
LEAST_TESTED = 4


class CertifiedForOneHandler:
    """Finds handlers who grant what one doctor certified, though the office's other desks could have had it as well."""

    spec = DetectorSpec(
        id="certified_for_one_handler",
        version=1,
        pattern="insider",
        kind="certified_for_one_handler",
        title=Text(
            "同一医师认定、总由同一经办人办理的门慢门特",
            "Special-disease benefits certified by one doctor and always granted by one handler",
        ),
        question=Text(
            "哪些医师认定的门慢门特，总是落到同一经办点的同一名经办人手中，超出该经办人在本经办点、该病种、该机构其他医师处应占的份额，"
            "且由同一代办人反复送办？",
            "Which doctor's certificates of special diseases always reach the same handler of an office, beyond the handler's share "
            "of the office, of the disease and of the institution's other doctors, and are brought by the same agent?",
        ),
        status="trial",
        params=(
            Param("least_households", 4, "fewer meet the same two people by chance"),
            Param("least_log_p", 4.0, "nats by which pair and agent together beat chance, the search paid for"),
        ),
        needs=("registrations.handler_no", "registrations.handled_at", "registrations.doctor_no", "handlers.office"),
        null_model=Text(
            "一名医师认定的登记按经办人在本经办点的份额随机落到各经办人；该病种或该机构其他医师的登记若更集中于此人，则以较大者为准"
            "（二项分布）。代办人送办的次数按其在其他登记中的份额检验。两者合并，并除以检验的对数。",
            "A doctor's certificates fall to the office's handlers by their shares, or by the handler's share of the disease or of the "
            "institution's other doctors where that is larger (binomial). How many one agent brought is tested against the agent's "
            "share of the other registrations. Both are joined, and the number of pairs tested is paid for.",
        ),
        benign=(
            Text("专办某病种的窗口", "a window that registers one disease only"),
            Text("对口某家医院的窗口", "a window that serves one hospital"),
            Text("只有一名经办人的经办点", "an office of one handler"),
            Text("由登记代办人为本村人送办", "a registered agent who brings the papers of a village"),
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
            "同一医师为{persons}名参保人（{households}个家庭）认定、同一经办人办理的门慢门特，其后据此结算{settlements}笔。",
            "One doctor certified and one handler granted special-disease benefits of {persons} insured persons of {households} "
            "households; {settlements} settlements used them.",
        )
        groups = list(_groups(grants, float(params["least_log_p"])))
        least = {"households": int(params["least_households"])}
        return handled(build.tables, groups, self.spec, text, least=least, weighs=WEIGHED)


def _groups(grants: pd.DataFrame, least_log_p: float) -> Iterator[Handled]:
    pairs = _pairs(grants)
    for pair in pairs.to_dict("records"):
        at = (grants["handler_no"] == pair["handler_no"]) & (grants["doctor_no"] == pair["doctor_no"])
        held, others = grants[at], grants[~at]
        agent, log_agent = _agent(held, others)
        both = -(float(pair["log_p"]) + log_agent)
        # the sum of two exponential variables, where both tails are exact; counts make them smaller, never larger
        bound = min(0.0, math.log1p(both) - both + math.log(len(pairs)))
        used = held[held["settlements"].notna()]
        if bound > -least_log_p or used.empty:
            continue
        members = [
            Member("handler", int(pair["handler_no"]), "handler"),
            Member("doctor", int(pair["doctor_no"]), "doctor"),
        ]
        members += [Member("person", int(no), "claimant") for no in np.unique(used["person_no"])]
        signals = [_together(pair)]
        if log_agent < 0:
            members.append(Member("agent", agent, "agent"))
            brought = int((held["agent_no"] == agent).sum())
            signals.append(
                Signal(
                    "brought_by_one_agent",
                    math.log1p(-log_agent),
                    1.0,
                    Text(f"同一代办人送办{brought}项", f"one agent brought the papers of {brought}"),
                )
            )
        unseen, excess = _unseen(used, others)
        signals += unseen
        settlements = np.unique(np.concatenate(used["settlements"].tolist())).tolist()
        yield Handled(
            Candidate(tuple(members), tuple(int(no) for no in settlements)),
            tuple(signals),
            bound,
            (_usual_desk(float((held["agent_no"] == agent).mean()), excess),),
        )


def _pairs(grants: pd.DataFrame) -> pd.DataFrame:
    """Handlers and doctors with LEAST_TESTED grants together: counts, the chance's share, and the log of the tail."""
    pairs = grants.groupby(["office", "handler_no", "doctor_no"], as_index=False).agg(
        together=("registration_id", "size"), persons=("person_no", "nunique")
    )
    pairs = pairs[pairs["persons"] >= LEAST_TESTED]
    of_doctor = grants.groupby(["office", "doctor_no"]).size().rename("certified")
    of_office = grants.groupby("office").agg(all=("registration_id", "size"), desks=("handler_no", "nunique"))
    of_desk = grants.groupby(["office", "handler_no"]).size().rename("granted")
    pairs = pairs.join(of_doctor, on=["office", "doctor_no"]).join(of_office, on=["office"])
    pairs = pairs.join(of_desk, on=["office", "handler_no"])
    others = pairs["all"] - pairs["certified"]
    pairs["share"] = (pairs["granted"] - pairs["together"] + 1) / (others + pairs["desks"])
    pairs["share"] = np.maximum.reduce(
        [
            pairs["share"],
            _share_within(grants, pairs, ["site_no"]),
            _share_within(grants, pairs, ["disease"]),
        ]
    )
    pairs["log_p"] = stats.binom.logsf(pairs["together"] - 1, pairs["certified"], pairs["share"].clip(upper=1.0))
    return pairs.reset_index(drop=True)


def _share_within(grants: pd.DataFrame, pairs: pd.DataFrame, by: list[str]) -> pd.Series[float]:
    """The handler's share of what other doctors certified at the same office of the same `by` as the pair's grants."""
    keys = ["office", "handler_no", "doctor_no"]
    held = grants.merge(pairs[keys], on=keys)[[*keys, *by]].drop_duplicates()
    other = held.merge(grants, on=["office", *by], suffixes=("", "_other"))
    other = other[other["doctor_no_other"] != other["doctor_no"]]
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


def _together(pair: Mapping[Any, Any]) -> Signal:
    together, certified, share = int(pair["together"]), int(pair["certified"]), float(pair["share"])
    return Signal(
        "certified_for_one_handler",
        math.log1p(-float(pair["log_p"])),
        3.0,
        Text(
            f"该医师认定的{certified}项中有{together}项由此经办人办理，按份额预计{certified * share:.1f}项",
            f"the handler granted {together} of the {certified} that the doctor certified; {certified * share:.1f} by share",
        ),
    )


def _unseen(used: pd.DataFrame, others: pd.DataFrame) -> tuple[list[Signal], float]:
    """Grants that no visit for the disease precedes, where there are more of them than among the others; and the share
    of the grants with one expected that lack it, 0 to 1.
    """
    others = others[others["settlements"].notna()]
    n, rate = int(used["is_unseen"].sum()), (float(others["is_unseen"].sum()) + 0.5) / (len(others) + 1)
    expected = len(used) * rate
    if n <= expected:
        return [], 0.0
    signal = Signal(
        "granted_unseen",
        math.log1p(-log_tail(n, expected)),
        1.0,
        Text(
            f"{n}项此前没有因该病种就诊的记录，按其他登记的比率预计{expected:.1f}项",
            f"{n} without a visit for the disease before; {expected:.1f} at the other registrations' rate",
        ),
    )
    return [signal], (n / len(used) - rate) / (1 - rate)


def _usual_desk(brought: float, excess: float) -> BenignCause:
    """An agent may always go to one desk: that explains who meets there, not that visits for the disease are missing."""
    cause = registered_agent(brought)
    return BenignCause(cause.cause, cause.weight * (1 - excess), cause.text)
