-- description: Card, expense and invoice lines as sent, newest version of each.
-- grain: connection, transaction_id
-- materialize: upsert
-- key: connection, transaction_id
-- date: transaction_date
-- person: identifier, payer_person_id
-- column connection: The connection that brought the line.
-- column transaction_id: The vendor's id of the line.
-- column transaction_date: DATE of the transaction.
-- column amount: DECIMAL in currency, with ten decimals; refunds are negative. NULL when the line turned out to be no spend, such as a declined charge.
-- column currency: ISO 4217 code, as sent.
-- column vendor_text: The statement's text, as sent.
-- column vendor_key: The same in upper case, letters and digits only.
-- column spend_type: expense or invoice; NULL when unknown, the source's own word where no list knows it.
-- column identifier: The payer's address in lower case, or connection:id where the source gives no address; NULL when unknown.
-- column payer_person_id: The payer, see core.people; NULL when unknown.
-- column department: The line's own department; NULL when it has none.
-- column category: As sent; NULL when unknown.
-- column memo: As sent; NULL when empty.
-- column is_pending: Whether the charge had not settled when it was read last. NULL where the source says nothing of it.
-- column seq: Order of arrival in the lake; the larger version of a line counts.
SELECT
    s.connection,
    s.transaction_id,
    s.transaction_date,
    s.amount,
    upper(trim(s.currency)) AS currency,
    s.vendor_text,
    s.vendor_key,
    lower(s.spend_type) AS spend_type,
    s.identifier,
    i.person_id AS payer_person_id,
    nullif(trim(s.department), '') AS department,
    s.category,
    s.memo,
    s.is_pending,
    s.seq
FROM (
    SELECT *, row_number() OVER (PARTITION BY connection, transaction_id ORDER BY seq DESC) AS version
    FROM staging.spend
    WHERE aside IS NULL
) AS s
INNER JOIN params.connections AS c ON c.connection = s.connection
LEFT JOIN metrics.identity AS i ON i.identifier = s.identifier
WHERE s.version = 1 AND (c.disconnected_on IS NULL OR s.transaction_date <= c.disconnected_on)
