-- description: Every identifier that a source ever used, and whose it is.
-- grain: identifier
-- materialize: table
-- key: identifier
-- column identifier: Address in lower case, or connection:id where the source gives no address.
-- column person_id: The person it belongs to, see core.people.
-- column evidence: What proves it: hr (HR lists the address), account (the account's or user's own address, or the same without a +tag), idp_login (the identity provider pairs it with another address), domain (the same name at another of the organisation's own domains, where HR knows one person by it), itself (nothing else known).
-- column first_seen: DATE on which any source first named it.
-- column linked_by: The address that links it to the person: the account's own, the identity provider's other one, or HR's at another domain. NULL where HR lists the identifier itself or nothing links it.
SELECT identifier, person_id, evidence, first_seen, linked_by
FROM metrics.identity
