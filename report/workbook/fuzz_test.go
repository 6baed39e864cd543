package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"
)

// A workbook whose parts somebody else wrote is read, or refused in the words that
// Read promises.
func FuzzRead(f *testing.F) {
	good := build(f, reportWith(f, nil), maxRows)
	parts, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>What</t></is></c></row></sheetData></worksheet>`,
		`<worksheet><sheetData><row r="-1"><c r="ZZZZ9" t="s"><v>99999</v></c><c r="A" s="-7"><v>1e999</v></c></row></sheetData></worksheet>`,
		`<sst><si><t>Source</t></si></sst>`, `<workbook><sheets><sheet name="About" sheetId="1"/></sheets></workbook>`, `<`, ``,
	} {
		for _, part := range []byte{0, 3, 5, 9} {
			f.Add(part, []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, part byte, text []byte) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i, p := range parts.File {
			if i != int(part)%len(parts.File) {
				if err := w.Copy(p); err != nil {
					t.Fatal(err)
				}
				continue
			}
			to, err := w.Create(p.Name)
			if err == nil {
				_, err = io.Copy(to, bytes.NewReader(text))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := Read(saved(t, b.Bytes()))
		if err != nil && !errors.Is(err, ErrNotWorkbook) && !errors.Is(err, ErrProtected) && !errors.Is(err, ErrDamaged) {
			t.Errorf("part %s as %q: %v", parts.File[int(part)%len(parts.File)].Name, text, err)
		}
	})
}
