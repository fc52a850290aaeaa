// title.zh: 参保人及其关联
// title.en: A person and what surrounds them
// id: person_and_surroundings
// version: 1
// place: 61
// about: person
// pattern: any
// question.zh: 这名参保人用哪些凭证、住在哪里、常去哪里、与谁同时就诊？
// question.en: Which credentials does this person use, where do they live and go, and with whom are they seen?
// param id: str = P-0000 -- id of a person, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH path = (:Person {person_id: $id})
             -[:HOLDS|LIVES_IN|HAS_PHONE|INSURED_THROUGH|REPRESENTED_BY|VISITED|CO_PRESENT|CLASHES_AT]-()
RETURN path
LIMIT 100
