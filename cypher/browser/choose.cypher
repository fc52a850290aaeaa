// 00 先选定线索或对象 · Choose a lead or an id first
:param lead => 'L-0000000000';
