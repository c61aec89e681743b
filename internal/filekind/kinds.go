package filekind

var kinds = []Kind{
	{
		Name: "org_chart", Shape: Snapshot,
		Description: "people of the organisation on a date",
		Columns: []Column{
			required("email", Email),
			present("last_name", String),
			present("first_name", String),
			present("team", String),
			optional("location", String),
			optional("title", String),
			optional("manager_email", Email),
			optional("additional_emails", Emails),
			optional("cost_centre", String),
			optional("department", String),
			optional("start_date", Date),
			optional("termination_date", Date),
			snapshotDate(false),
		},
	},
	{
		Name: "spend", Shape: Events, ID: "transaction_id", EventTime: "date",
		Description: "card, expense and invoice lines",
		Inputs:      []Column{optional("debit", Decimal), optional("credit", Decimal), optional("direction", String)},
		Columns: []Column{
			required("transaction_id", String),
			required("date", Date),
			required("amount", Decimal),
			required("currency", Word),
			required("vendor", String),
			word("type", "", SpendType),
			optional("payer_email", Email),
			optional("department", String),
			optional("category", String),
			optional("memo", String),
		},
	},
	{
		Name: "contracts", Shape: State,
		Description: "contracts and their licence lines",
		Columns: []Column{
			required("contract_id", String),
			required("vendor", String),
			required("start_date", Date),
			required("end_date", Date),
			required("licences", Integer),
			optional("line_id", String),
			app(false),
			instance(),
			optional("tier", String),
			optional("unit_price", Decimal),
			word("billing_period", "", BillingPeriod),
			word("currency", "", Currency),
			word("auto_renew", "", YesNo),
			optional("notice_days", Integer),
			word("is_user_licence", "", YesNo),
			optional("owner_email", Email),
			word("status", "", ContractStatus),
		},
	},
	{
		Name: "roster", Shape: Snapshot,
		Description: "accounts of an app on a date",
		AnyOf:       [][]string{{"email", "account_id", "username"}},
		Columns: []Column{
			snapshotDate(true),
			present("email", Email),
			optional("account_id", String),
			optional("username", String),
			optional("tier", String),
			word("status", "active", AccountStatus),
			optional("created_at", Timestamp),
			app(false),
			instance(),
		},
	},
	{
		Name: "engagement", Shape: Events, ID: "event_id", EventTime: "occurred_at",
		Description: "what people did in an app",
		Columns: []Column{
			required("occurred_at", Timestamp),
			required("email", Email),
			required("event", String),
			{Name: "count", Type: Integer, Default: "1"},
			optional("event_id", String),
			app(false),
			instance(),
		},
	},
	{
		Name: "sso_logins", Shape: Events, ID: "event_id", EventTime: "occurred_at",
		Description: "sign-ins to apps through an identity provider",
		Columns: []Column{
			required("occurred_at", Timestamp),
			required("email", Email),
			app(true),
			instance(),
			optional("event_id", String),
			word("outcome", "SUCCESS", Outcome),
			word("kind", "managed", SignInKind),
		},
	},
	{
		Name: "sso_assignments", Shape: Snapshot,
		Description: "who is assigned to which app in an identity provider on a date",
		Columns: []Column{
			snapshotDate(true),
			required("email", Email),
			app(true),
			instance(),
			word("assigned_via", "", AssignedVia),
			optional("groups", String),
		},
	},
	{
		Name: "network", Shape: Events, EventTime: "date",
		Description: "network traffic to domains or apps",
		AnyOf:       [][]string{{"domain", "app"}},
		Columns: []Column{
			required("date", Date),
			optional("domain", String),
			app(false),
			optional("email", Email),
			optional("device", String),
			optional("bytes", Integer),
			optional("requests", Integer),
		},
	},
	{
		Name: "exempt", Shape: State,
		Description: "people whose licences are never touched",
		Columns:     []Column{required("email", Email)},
	},
	{
		Name: "fx_rates", Shape: State,
		Description: "what one unit of a currency is worth in the organisation's own",
		Columns: []Column{
			required("date", Date),
			required("currency", Word),
			required("rate", Decimal),
		},
	},
	{
		Name: "benchmarks", Shape: State,
		Description: "distributions of a metric over a cohort of organisations",
		Columns: []Column{
			required("app", String),
			required("metric", String),
			required("cohort", String),
			required("n", Integer),
			optional("p25", Decimal),
			optional("p33", Decimal),
			optional("p50", Decimal),
			optional("p66", Decimal),
			optional("p75", Decimal),
			optional("as_of", Date),
			optional("source", String),
		},
	},
	{
		Name: "allocations", Shape: State,
		Description: "how an app's contract value is shared between teams",
		Columns: []Column{
			required("app", String),
			required("team", String),
			required("percent", Decimal),
		},
	},
}

// present columns must be in the file; a row may leave them empty: somebody without a team is still employed.
func present(name string, t Type) Column {
	return Column{Name: name, Type: t, Required: true, MayBeEmpty: true}
}

func required(name string, t Type) Column { return Column{Name: name, Type: t, Required: true} }

func optional(name string, t Type) Column { return Column{Name: name, Type: t} }

func word(name, def string, v Vocabulary) Column {
	return Column{Name: name, Type: Word, Values: v.Meanings, Default: def}
}

func snapshotDate(required bool) Column {
	return Column{Name: "snapshot_date", Type: Date, Required: required, Fallback: FileDate}
}

func app(required bool) Column {
	return Column{Name: "app", Type: String, Required: required, Fallback: Connection}
}

func instance() Column { return Column{Name: "instance", Type: String, Fallback: Connection} }
