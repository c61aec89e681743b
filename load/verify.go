package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rightseat/rightseat/internal/config"
	"github.com/rightseat/rightseat/internal/duck"
	"github.com/rightseat/rightseat/internal/filesum"
)

func (p *publication) takeSums() error {
	warehouse, err := filesum.Of(p.newWarehouse)
	if err != nil {
		return err
	}
	p.record.Warehouse, p.record.Exports = &warehouse, map[string]filesum.Sum{}
	for _, name := range p.record.Files {
		if p.record.Exports[name], err = filesum.Of(filepath.Join(p.newExports, name)); err != nil {
			return err
		}
	}
	return nil
}

// Verify holds the published warehouse and exports of a workspace to what they were when they were published, and
// calls damaged with each that differs, is missing or does not open. Files that people have put into exports/ themselves
// are left to them. files is how many were looked at; a publish heals them all, as it writes them all.
func Verify(ctx context.Context, workspace string, resources config.Resources, damaged func(error)) (files int, err error) {
	p := newPublication(workspace, "")
	known, err := readRecord(p.published)
	if err != nil {
		damaged(fmt.Errorf("what is known of the published version is damaged; remove the file, nothing is lost by it: %w", err))
		return 1, nil
	}
	if known == nil {
		return 0, nil
	}
	check := func(path string, sum *filesum.Sum) bool {
		files++
		if sum == nil { // published by a version that took no sums
			_, err = os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%s is missing: %w", path, err)
			}
		} else {
			err = sum.Check(path)
		}
		if err != nil {
			damaged(err)
		}
		return err == nil
	}
	for _, name := range known.Files {
		if err := ctx.Err(); err != nil {
			return files, err
		}
		var sum *filesum.Sum
		if s, ok := known.Exports[name]; ok {
			sum = &s
		}
		check(filepath.Join(p.exports, name), sum)
	}
	if check(p.warehouse, known.Warehouse) {
		if err := opens(ctx, p.warehouse, resources); err != nil {
			damaged(fmt.Errorf("%s is damaged: %w", p.warehouse, err))
		}
	}
	return files, ctx.Err()
}

// opens opens a warehouse as its readers do, and asks each of its views.
func opens(ctx context.Context, warehouse string, resources config.Resources) (err error) {
	db, err := duck.Open(ctx, warehouse, duck.Options{ReadOnly: true, Memory: resources.Memory, Threads: 1, TempDir: resources.TempDir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return checkViews(ctx, db)
}
