package file

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEncodingIsJudgedByTheWholeFile holds that lines of everyday names read as they were written, whatever wrote them.
func TestEncodingIsJudgedByTheWholeFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ encoding, text string }{
		{"windows-1252", "ann@x.example,Müller,Vertrieb Süd,Zürich\nbo@x.example,Núñez,Informática,São Paulo\n"},
		{"windows-1252", "a@x.example,Direction générale – Genève\n"},
		{"cp850", "ann@x.example,Müller,Vertrieb Süd,Zürich\nbo@x.example,Groß,Büro,Köln\n"},
		{"macintosh", "ann@x.example,Müller,Vertrieb Süd,Zürich\nbo@x.example,Groß,Büro,Köln\n"},
		{"windows-1251", "ann@x.example,Иванова,Отдел продаж,Москва\nbo@x.example,Петров,Бухгалтерия,Казань\n"},
		{"koi8-r", "ann@x.example,Иванова,Отдел продаж,Москва\nbo@x.example,Петров,Бухгалтерия,Казань\n"},
		{"cp866", "ann@x.example,Иванова,Отдел продаж,Москва\nbo@x.example,Петров,Бухгалтерия,Казань\n"},
		{"gb18030", "ann@x.example,王,销售部,上海\nbo@x.example,李,研发中心,北京\n"},
		{"shift_jis", "ann@x.example,田中,営業部,東京\nbo@x.example,さとう,マーケティング,大阪\n"},
	} {
		t.Run(tc.encoding, func(t *testing.T) {
			t.Parallel()
			enc, err := encodingNamed(tc.encoding)
			require.NoError(t, err)
			data, err := enc.NewEncoder().Bytes([]byte(tc.text))
			require.NoError(t, err)
			assert.Equal(t, tc.encoding, judgeEncoding(data).name)
		})
	}
	for _, name := range []string{"cp850", "CP1251", "IBM437", "utf-8", "utf-16le", "gbk", "shift-jis", "latin1"} {
		_, err := encodingNamed(name)
		assert.NoError(t, err, name)
	}
}
