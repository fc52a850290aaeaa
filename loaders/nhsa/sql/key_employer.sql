-- makes: numbers key_employer
SELECT emp_no FROM clean.insu_emp_info_b
UNION SELECT emp_no FROM clean.psn_insu_d
UNION SELECT employer FROM seen_employers
