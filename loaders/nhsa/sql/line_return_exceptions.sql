-- makes: exceptions fee_list_d
SELECT 'fee_list_d', file_no, line, false, 'init_feedetl_sn', bkkp_sn, false, 'returned line folded into its original'
FROM line_returns
