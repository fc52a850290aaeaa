-- Every kind of credential, in the order in which they are numbered; one stands for none where there is no card.
SELECT kind FROM cards WHERE kind IS NOT NULL
UNION
SELECT ''
ORDER BY kind
