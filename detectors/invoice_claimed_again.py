"""Paper invoices on which the same person was paid twice, several persons by one handler (票据重复报销)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import EVERY_DOCTOR, Standing, at_desks, by_side
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Text

#: What a case is called, by its side.
SIDES: dict[str, Text] = {
    "paper": Text("{n}人的同一票据两次手工报销", "{n} persons were paid by two paper claims on one invoice"),
    "online": Text(
        "{n}人的同一票据既手工报销又联网结算", "{n} persons were paid on one invoice both on paper and online"
    ),
}


class InvoiceClaimedAgain:
    """Finds handlers who entered second claims on invoices that were already paid, for several persons."""

    spec = DetectorSpec(
        id="invoice_claimed_again",
        version=1,
        pattern="insider",
        kind="invoice_claimed_again",
        title=Text("同一人的票据重复报销", "An invoice paid twice to the same person"),
        question=Text(
            "哪名经办人受理的多名参保人以同一张票据再次报销，或已联网结算的票据又作手工报销，超过其他经办人的水平？",
            "Which handler entered paper claims of several persons on invoices that were paid already, on paper or online, "
            "beyond the other handlers' rate?",
        ),
        status="trial",
        params=(
            Param("least_persons", 3, "one or two are mistakes at the desk"),
            Param("least_units", 3, "a family hands in one bundle"),
            Param("least_log_p", 4.0, "nats by which such persons beat the other handlers' rate"),
        ),
        needs=(
            "manual_cases.invoice_no|settlements.invoice_no",
            "manual_cases.accepted_by|settlements.handler_no",
        ),
        null_model=Text(
            "此类参保人来到每名经办人的人数服从以其他经办人比率为均值的泊松分布。",
            "Such persons come to a handler as a Poisson number at the rate of the others.",
        ),
        benign=(
            Text("退件后重新提交", "a claim that was sent back and handed in again"),
            Text("联网结算退费后改为手工报销", "an online settlement that was refunded and claimed on paper"),
            Text(
                "基本医保与大病分两次支付（全经办机构普遍存在）", "one claim paid in two parts, as a whole office does"
            ),
        ),
        misses=(
            Text("改动号码的重复票据", "a second copy with an altered number"),
            Text("联网结算未上传票据号的情形", "online settlements that carry no invoice number"),
            Text("每名经办人只有一两人的情形", "one or two persons with a handler"),
        ),
        legal_basis=("Order 735 art. 37", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("invoice_claimed_again")).df()
        told = Told(self.spec, "claimant", _text, leading="invoice_claimed_again", leading_weight=2.0)
        return at_desks(
            build.tables,
            rows,
            params,
            told,
            lambda one: Added(members=_handlers(one), signals=by_side(one, self.spec.id, SIDES, 1.5)),
        )


def _handlers(one: Standing) -> tuple[Member, ...]:
    """Those whose desks stand out; of an office as a whole nobody in particular."""
    numbers = sorted(set(one.rows.loc[one.rows["cell_doctor"] != EVERY_DOCTOR, "cell_doctor"].tolist()))
    return tuple(Member("handler", int(no), "handler") for no in numbers)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算以已支付过的票据再次支付。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households rest on invoices "
        "that were paid more than once.",
    )
