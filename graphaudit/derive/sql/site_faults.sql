-- What is wrong with a site's own feed, each fault against the other sites of its kind: to be told to the site and to
-- whoever runs the platform, and to be held against every finding there.
SELECT * FROM fault_stamps
UNION ALL SELECT * FROM fault_clock
UNION ALL SELECT * FROM fault_gaps
UNION ALL SELECT * FROM fault_columns
UNION ALL SELECT * FROM fault_repeats
UNION ALL SELECT * FROM fault_doctors
