-- The members' other events of the same stream: what is usual for them.
SELECT e.group_no, e.person_no, e.unit_no, e.settlement_no, e.site_no, e.day
FROM own_events AS e
ANTI JOIN inside AS i ON i.group_no = e.group_no AND i.settlement_no = e.settlement_no
