package transform

import (
	"context"
)

// lastRule stands behind all rules of the configuration: what goes without saying.
const lastRule = 1_000_000

// createReclaimParams makes what decides about reclaiming seats:
//
//	params.reclaim_rules    the configuration's rules in their order, behind them those of apps with a window of their own, and one for every app ('')
//	params.reclaim_actions  what each connection's connector can do: deprovision, downgrade, unassign
func (r *runner) createReclaimParams(ctx context.Context) error {
	err := r.execAll(ctx,
		`CREATE TABLE params.reclaim_rules (rule_no INTEGER, app_id VARCHAR, instance_id VARCHAR, tier_key VARCHAR, inactive_days INTEGER,
    action VARCHAR, method VARCHAR)`,
		"CREATE TABLE params.reclaim_actions (connection VARCHAR, action VARCHAR)")
	if err != nil {
		return err
	}
	for i, rule := range r.Config.Reclaim.Rules {
		err := r.exec(ctx, `INSERT INTO params.reclaim_rules
SELECT ?, coalesce(a.app_id, k.app_key), nullif(?, ''), names.tier_key(CAST(? AS VARCHAR)), ?, ?, ?
FROM (SELECT names.slug(CAST(? AS VARCHAR)) AS app_key) AS k LEFT JOIN names.app_aliases AS a ON a.app_key = k.app_key`,
			i+1, rule.Instance, rule.Tier, rule.InactiveDays, rule.Action, rule.Method, rule.App)
		if err != nil {
			return err
		}
	}
	err = r.exec(ctx, "INSERT INTO params.reclaim_rules VALUES (?, '', NULL, NULL, ?, 'deprovision', 'auto')", lastRule, r.Config.Rightsizing.InactiveDays)
	if err != nil {
		return err
	}
	for _, a := range r.Config.Apps {
		if a.InactiveDays == 0 {
			continue
		}
		if err := r.exec(ctx, "INSERT INTO params.reclaim_rules VALUES (?, ?, NULL, NULL, ?, 'deprovision', 'auto')", lastRule-1, a.ID, a.InactiveDays); err != nil {
			return err
		}
	}
	var actions [][]any
	for _, c := range r.Config.Connections {
		if c.DisconnectedOn != "" && c.DisconnectedOn < r.AsOf {
			continue
		}
		for _, action := range r.Connectors[c.Name].Reclaim {
			actions = append(actions, []any{c.Name, action})
		}
	}
	return r.insert(ctx, "params.reclaim_actions", actions)
}
