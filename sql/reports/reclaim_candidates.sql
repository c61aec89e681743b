-- description: Seats that could be given back or made cheaper, how, and what stands against it. Nothing is done without a plan that somebody applied.
-- grain: as_of, app_id, instance_id, person_id
-- materialize: table
-- key: as_of, app_id, instance_id, person_id
-- column as_of: DATE of the run.
-- column app_id: The app.
-- column instance_id: The app's instance.
-- column person_id: The person, see core.people.
-- column email: The address used now; NULL when only an account id is known.
-- column action: deprovision or downgrade.
-- column method: direct (the vendor's API), idp (unassign in Okta or OneLogin) or suggest (by hand): what the rule asks for where the connection can do it, else suggest.
-- column reason: Why, in a sentence.
-- column is_exempt: Whether a list exempts the person: such rows are shown, but never acted on.
-- column reprovision_risk: What could bring the seat back, with the group's name, and whether leaving it would take other apps away too, which is never automatic. NULL when nothing is known to.
-- column monthly_saving: DECIMAL, organisation's currency: what the person's seats, or the difference to a lower tier, cost by the contract lines that they fill; 0 for seats of a free tier and for those beyond the licences bought, which the last ones to go are counted as. NULL when a price is unknown, and of an instance that is left out of the app's numbers.
-- column is_certain: Whether the person is known to have left, not to have used it, or never to have signed in; false for what rests on sign-ins alone, as sessions outlive windows.
-- column is_stale: Whether the list that the seat stands on, or the activity, was more than 2 days behind as_of or never read to the end.
WITH candidates AS (
    SELECT r.*
    FROM metrics.advised_savings AS r
    INNER JOIN params.run AS q ON q.as_of = r.as_of
),
-- Of the groups that assign the seat those that can't be left for its sake: they grant other apps too, or hold everybody.
shared_groups AS (
    SELECT c.app_id, c.instance_id, c.person_id, min(g.group_name) AS group_name
    FROM (
        SELECT c.app_id, c.instance_id, c.person_id, c.idp_connection, trim(t.name) AS group_name
        FROM candidates AS c
        CROSS JOIN UNNEST(split(c.groups, ';')) AS t (name)
    ) AS c
    INNER JOIN metrics.group_grants AS g
        ON g.connection = c.idp_connection AND g.group_name = c.group_name AND (g.apps > 1 OR lower(g.group_name) = 'everyone')
    GROUP BY c.app_id, c.instance_id, c.person_id
),
possible AS (
    SELECT
        c.*,
        g.group_name AS shared_group,
        d.connection IS NOT NULL AS can_direct,
        c.action = 'deprovision' AND c.is_assigned AND u.connection IS NOT NULL
            AND (NOT c.is_by_group OR (c.groups IS NOT NULL AND g.group_name IS NULL)) AS can_idp
    FROM candidates AS c
    LEFT JOIN shared_groups AS g ON g.app_id = c.app_id AND g.instance_id = c.instance_id AND g.person_id = c.person_id
    LEFT JOIN params.reclaim_actions AS d
        ON c.basis = 'connector_exact' AND d.connection = c.basis_connection AND d.action = c.action
    LEFT JOIN params.reclaim_actions AS u ON u.connection = c.idp_connection AND u.action = 'unassign'
)
SELECT
    p.as_of,
    p.app_id,
    p.instance_id,
    p.person_id,
    p.email,
    p.action,
    -- Where nobody says, an app's own roster is changed in the app itself; the identity provider only gives and takes what it manages.
    CASE
        WHEN p.rule_method IN ('auto', 'direct') AND p.can_direct THEN 'direct'
        WHEN p.rule_method = 'idp' AND p.can_idp THEN 'idp'
        WHEN p.rule_method = 'auto' AND p.basis <> 'connector_exact' AND p.can_idp THEN 'idp'
        ELSE 'suggest'
    END AS method,
    p.reason,
    p.is_exempt,
    CASE
        WHEN NOT p.is_assigned THEN NULL
        WHEN p.is_by_group THEN
            CASE WHEN p.is_direct THEN 'still assigned directly and by ' ELSE 'still assigned by ' END
            || CASE WHEN p.groups IS NULL THEN 'a group that the source does not name: not automatic' ELSE 'group: ' || p.groups END
            || CASE WHEN p.shared_group IS NOT NULL THEN '; ' || p.shared_group || ' grants other apps or holds everybody: not automatic' ELSE '' END
        WHEN p.basis = 'connector_exact' THEN 'still assigned directly in the identity provider'
    END AS reprovision_risk,
    CAST(p.monthly_saving AS DECIMAL(18, 2)) AS monthly_saving,
    p.is_certain,
    p.is_stale
FROM possible AS p
