-- makes: numbers key_terminal
SELECT as_mac(sign_in_mac) FROM clean.fixmedins_sign_b
