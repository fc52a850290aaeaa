-- makes: numbers key_agent G
SELECT as_agent(agnter_certno, agnter_tel) FROM clean.opsp_reg_d
UNION SELECT as_agent(agnter_certno, agnter_tel) FROM clean.psn_fix_reg_d
