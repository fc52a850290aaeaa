-- makes: numbers key_household H
SELECT as_household(resdbook_no) FROM clean.psn_info_b
