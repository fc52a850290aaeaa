// title.zh: 共享成员的线索
// title.en: Leads that share members
// id: leads_that_touch
// version: 1
// place: 2
// about: none
// pattern: any
// question.zh: 哪些线索彼此相关，宜一并核查？
// question.en: Which leads have members in common and are better checked together?
// shows: picture
// needs-engine: neo4j

MATCH (a:Lead)-[m:IMPLICATES]->(who)<-[n:IMPLICATES]-(b:Lead)
WHERE a.rank < b.rank AND NOT who:Settlement
RETURN a, m, who, n, b
ORDER BY a.rank, b.rank
LIMIT 200
