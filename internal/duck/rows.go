package duck

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/rightseat/rightseat/internal/table"
)

// Querier is what runs a query: *sql.DB, *sql.Conn, *sql.Tx.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Query runs SQL and gives its columns and rows in the terms of package table. Types without a
// kind of their own come as text: lists, structs and maps as JSON, intervals, times and UUIDs as
// DuckDB writes them, blobs in hex.
//
// The rows must be ranged over exactly once, to the end or to a break: that closes the query.
func Query(ctx context.Context, db Querier, query string, args ...any) ([]table.Column, table.Rows, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, errors.Join(err, rows.Close())
	}
	columns := make([]table.Column, len(types))
	for i, t := range types {
		columns[i] = table.Column{Name: t.Name(), Kind: KindOf(t.DatabaseTypeName())}
		if _, scale, ok := t.DecimalSize(); ok && columns[i].Kind == table.Exact {
			columns[i].Scale = int(scale)
		}
	}
	return columns, sequence(rows, types), nil
}

func sequence(rows *sql.Rows, types []*sql.ColumnType) table.Rows {
	return func(yield func([]any, error) bool) {
		values := make([]any, len(types))
		targets := make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		for rows.Next() {
			err := rows.Scan(targets...)
			if err == nil {
				err = normalise(values, types)
			}
			if err != nil {
				yield(nil, errors.Join(err, rows.Close()))
				return
			}
			if !yield(values, nil) {
				// The reader has what it wants; an error of a query cut short means nothing.
				_ = rows.Close()
				return
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			yield(nil, err)
		}
	}
}

// KindOf maps a DuckDB type name to the kind its values have here.
func KindOf(typeName string) table.Kind {
	name, _, _ := strings.Cut(typeName, "(")
	switch name {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM":
		return table.Integer
	case "DECIMAL":
		return table.Exact
	case "FLOAT", "DOUBLE":
		return table.Float
	case "BOOLEAN":
		return table.Boolean
	case "DATE":
		return table.Date
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
		return table.Timestamp
	}
	return table.Text
}

func normalise(values []any, types []*sql.ColumnType) error {
	for i, v := range values {
		n, err := normal(v, types[i].DatabaseTypeName())
		if err != nil {
			return fmt.Errorf("read column %s: %w", types[i].Name(), err)
		}
		values[i] = n
	}
	return nil
}

func normal(v any, typeName string) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int64, float64:
		return v, nil
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case uint64:
		return new(big.Int).SetUint64(v), nil
	case *big.Int:
		return v, nil
	case float32:
		return float64(v), nil
	case duckdb.Decimal:
		return table.Decimal{Unscaled: v.Value, Scale: int(v.Scale)}, nil
	case time.Time:
		if strings.HasPrefix(typeName, "TIME") && !strings.HasPrefix(typeName, "TIMESTAMP") {
			return v.Format("15:04:05.999999"), nil
		}
		return v.UTC(), nil
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %s", v.Months, v.Days, time.Duration(v.Micros)*time.Microsecond), nil
	case []byte:
		if typeName == "UUID" && len(v) == 16 {
			return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:]), nil
		}
		return hex.EncodeToString(v), nil
	case duckdb.OrderedMap: // it also is a Stringer
	case fmt.Stringer:
		return v.String(), nil
	}
	text, err := json.Marshal(plain(v))
	if err != nil {
		return fmt.Sprint(v), nil //nolint:nilerr // a value that JSON can't hold is still shown
	}
	return string(text), nil
}

// plain makes a nested value one that JSON can hold.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = plain(v[k])
		}
		return out
	case duckdb.OrderedMap:
		out := map[string]any{}
		for i, k := range v.Keys() {
			out[fmt.Sprint(k)] = plain(v.Values()[i])
		}
		return out
	case duckdb.Decimal:
		return json.Number(table.Decimal{Unscaled: v.Value, Scale: int(v.Scale)}.String())
	}
	return v
}
