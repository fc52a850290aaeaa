"""What the unit itself knows about innocent togetherness: benign_register."""

from __future__ import annotations

from loaders.declaration import Source, ident, text, time

BENIGN_REGISTER = Source(
    "benign_register",
    "正当共现登记",
    (
        text("kind", "类型"),
        ident("person", "人员编号", aliases=("psn_no",), personal=True),
        ident("institution", "定点医药机构编号", aliases=("fixmedins_code", "site")),
        text("address", "地址", personal=True, aliases=("addr",)),
        time("from", "开始日期", strict=True, aliases=("from_on", "begndate")),
        time("to", "结束日期", strict=True, aliases=("until", "until_on", "to_on", "enddate")),
        text("note", "备注", aliases=("memo",)),
    ),
    ("benign_register",),
    one_of=(("person", "institution", "address"),),
)
