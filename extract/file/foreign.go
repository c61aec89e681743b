package file

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// foreign are formats that are not read, by how a file begins, with what they are and what to do.
var foreign = []struct{ begins, is string }{
	{"\xD0\xCF\x11\xE0", "is an Excel file in the format of before 2007 (.xls), or one with a password; save it as .xlsx or CSV, without a password"},
	{"\x1F\x8B", "is compressed with gzip; unpack it"},
	{"BZh91AY", "is compressed with bzip2; unpack it"},
	{"\x28\xB5\x2F\xFD", "is compressed with zstd; unpack it"},
	{"\xFD7zXZ\x00", "is compressed with xz; unpack it"},
	{"7z\xBC\xAF\x27\x1C", "is a 7-Zip archive; unpack it and put the file in it here"},
	{"Rar!", "is a RAR archive; unpack it and put the file in it here"},
	{"%PDF", "is a PDF document, which has no table that can be read; export the data as CSV or XLSX"},
	{"{\\rtf", "is a text document (RTF); export the data as CSV or XLSX"},
	{"SQLite format 3\x00", "is an SQLite database; export the table as CSV"},
	{"Obj\x01", "is an Avro file; write it as Parquet, CSV or JSON lines"},
	{"ARROW1\x00", "is an Arrow (Feather) file; write it as Parquet"},
	{"OFXHEADER", "is an OFX file; export the transactions as CSV"},
	{"!Type:", "is a QIF file; export the transactions as CSV"},
	{"\x89PNG", "is a picture; export the data as CSV or XLSX"},
	{"\xFF\xD8\xFF", "is a picture; export the data as CSV or XLSX"},
}

// foreignText are such formats that are text, by a word near their beginning, without regard to case.
var foreignText = []struct{ has, is string }{
	{"<ofx", "is an OFX file; export the transactions as CSV"},
	{"urn:schemas-microsoft-com:office:spreadsheet", "is an XML spreadsheet of Excel 2003; save it as .xlsx or CSV"},
	{"camt.05", "is a CAMT bank statement; export the transactions as CSV"},
	{"<!doctype html", "is an HTML page, not a table in a file: a sign-in page that was saved, or an export that only calls itself .xls; open it in a spreadsheet and save it as .xlsx or CSV"},
	{"<html", "is an HTML page, not a table in a file: a sign-in page that was saved, or an export that only calls itself .xls; open it in a spreadsheet and save it as .xlsx or CSV"},
	{"<table", "is an HTML table, not a spreadsheet; open it in a spreadsheet and save it as .xlsx or CSV"},
	{"<?xml", "is an XML file; export the data as CSV or XLSX"},
}

// foreignFormat says what a file is that can't be read, and what to do; empty for all others.
func foreignFormat(head []byte) string {
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.begins)) {
			return f.is
		}
	}
	if bytes.HasPrefix(head, []byte("PAR1")) || bytes.HasPrefix(head, []byte("PK")) {
		return ""
	}
	// Byte order marks, and every other byte of UTF-16.
	head = bytes.TrimLeftFunc(head[:min(len(head), 2048)], func(r rune) bool { return r == '\uFEFF' || r == utf8.RuneError || unicode.IsSpace(r) })
	text := strings.ToLower(strings.ReplaceAll(string(head), "\x00", ""))
	if !strings.HasPrefix(text, "<") {
		return ""
	}
	for _, f := range foreignText {
		if strings.Contains(text, f.has) {
			return f.is
		}
	}
	return ""
}

// archive says what a ZIP archive is that holds no workbook's parts, and what to do.
func archive(z *zip.Reader) string {
	var names []string
	for _, f := range z.File {
		switch {
		case f.Name == "mimetype" && strings.Contains(zippedText(f), "opendocument"):
			return "is an OpenDocument file (.ods), which LibreOffice writes; save it as .xlsx or CSV"
		case f.Name == "xl/workbook.bin":
			return "is a binary Excel workbook (.xlsb); save it as .xlsx or CSV"
		case strings.HasPrefix(f.Name, "word/"):
			return "is a Word document; export the data as CSV or XLSX"
		case strings.HasPrefix(f.Name, "ppt/"):
			return "is a presentation; export the data as CSV or XLSX"
		case strings.HasSuffix(f.Name, ".iwa"):
			return "is a file of Apple Numbers; export it as .xlsx or CSV"
		}
		if !strings.HasSuffix(f.Name, "/") && !strings.HasPrefix(f.Name, "__MACOSX/") {
			names = append(names, quoteShort(path.Base(f.Name)))
		}
	}
	slices.Sort(names)
	if more := len(names) - 3; more > 0 {
		names = append(names[:3], fmt.Sprintf("and %d more", more))
	}
	holds := "; it is empty"
	if len(names) > 0 {
		holds = ", which holds " + strings.Join(names, ", ") + "; unpack it and put the files in it here"
	}
	return "is a ZIP archive" + holds
}

// zippedText is the beginning of a small part of an archive; empty when it can't be read.
func zippedText(f *zip.File) string {
	r, err := f.Open()
	if err != nil {
		return ""
	}
	var head [128]byte
	n, err := r.Read(head[:])
	if closeErr := r.Close(); closeErr != nil || err != nil && n == 0 {
		return ""
	}
	return string(head[:n])
}
