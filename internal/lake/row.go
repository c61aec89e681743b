package lake

import "time"

// Row is one raw record: the vendor's own JSON beside what is needed to find, order and
// de-duplicate it without looking inside.
type Row struct {
	// RecordID is the vendor's id of the record, unique in the stream but for newer versions
	// of the same record; a hash of the content where the vendor has none.
	RecordID string
	// ParentID is the id of the record this one was asked for (app of an assignment, meeting
	// of a participant); empty for a top-level stream.
	ParentID string
	// EventAt is when the event happened; zero for records that are no events or whose time
	// could not be read. Kept to the microsecond, UTC.
	EventAt time.Time
	// SnapshotID and SnapshotDate (YYYY-MM-DD) name the snapshot; empty for events.
	SnapshotID   string
	SnapshotDate string
	// ExtractedAt is when the record was read, UTC.
	ExtractedAt time.Time
	// Source is the request path or the file with line that the record came from. No secrets.
	Source string
	// Issue is empty for a good row; otherwise why it was set aside. Such rows are kept, and
	// counted in data_quality, but the transform does not read them.
	Issue string
	// Payload is the record, one JSON value, as sent but for what the transform could not parse: see [Batch.Append].
	Payload []byte
	// Sent is the record exactly as sent, where Payload is not; else nil.
	Sent []byte
}

// parquetRow is Row as stored. Seq orders the stream: the larger one is the newer version.
type parquetRow struct {
	Connection   string  `parquet:"connection,dict"`
	Seq          int64   `parquet:"seq,delta"`
	RecordID     string  `parquet:"record_id"`
	ParentID     *string `parquet:"parent_id,optional,dict"`
	EventAt      *int64  `parquet:"event_at,optional,timestamp(microsecond:local)"`
	SnapshotID   *string `parquet:"snapshot_id,optional,dict"`
	SnapshotDate *string `parquet:"snapshot_date,optional,dict"`
	ExtractedAt  int64   `parquet:"extracted_at,timestamp(microsecond:local)"`
	Source       string  `parquet:"source,dict"`
	Issue        *string `parquet:"issue,optional,dict"`
	Payload      []byte  `parquet:"payload,string"`
	// Sent is absent from files of versions that kept no such bytes.
	Sent *[]byte `parquet:"sent,optional"`
}
