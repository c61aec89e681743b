package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rightseat/rightseat/internal/atomicfile"
	"github.com/rightseat/rightseat/internal/filesum"
)

const (
	intentFile     = ".publish.json"   // in warehouse/: a publish that must be finished
	publishedFile  = ".published.json" // in warehouse/: the last publish that was
	markerFile     = ".publishing.tmp" // in the new exports until the publish is done
	warehousePart  = ".publish-"       // begins the name of a warehouse under construction
	exportsPart    = ".exports-"       // begins the name of an exports folder under construction, or set aside
	oldExportsPart = ".exports-old-"
)

// record is what the two small files in warehouse/ hold.
type record struct {
	RunID       string    `json:"run_id"`
	PublishedAt time.Time `json:"published_at"`
	// Files are the names that this publish puts into exports/.
	Files []string `json:"files"`
	// Replaced are the names that the publish before put there. Others are a person's own and stay.
	Replaced []string `json:"replaced,omitempty"`
	// Reports says how the reports' files are made up: what has not changed is copied from them.
	Reports map[string]publishedReport `json:"reports,omitempty"`
	// Warehouse and Exports, the latter by name, are what the files were when they were written; see [Verify].
	Warehouse *filesum.Sum           `json:"warehouse,omitempty"`
	Exports   map[string]filesum.Sum `json:"exports,omitempty"`
}

// publication knows the names of one publish.
type publication struct {
	workspace, warehouseDir             string
	warehouse, newWarehouse             string
	exports, newExports, oldExports     string
	intent, published, newMark, pubMark string
	record                              record
	before                              *record // of the version published before, nil if there is none
	decided                             bool    // the intent is on disk
	exchange                            func(a, b string) (bool, error)
}

func newPublication(workspace, runID string) *publication {
	w := filepath.Join(workspace, WarehouseDir)
	p := &publication{
		workspace:    workspace,
		warehouseDir: w,
		warehouse:    WarehousePath(workspace),
		newWarehouse: filepath.Join(w, warehousePart+runID+".duckdb"+atomicfile.TempSuffix),
		exports:      filepath.Join(workspace, ExportsDir),
		newExports:   filepath.Join(workspace, exportsPart+runID+atomicfile.TempSuffix),
		oldExports:   filepath.Join(workspace, oldExportsPart+runID+atomicfile.TempSuffix),
		intent:       filepath.Join(w, intentFile),
		published:    filepath.Join(w, publishedFile),
		record:       record{RunID: runID},
		exchange:     exchange,
	}
	// Where exports/ is a link, say to a shared folder, it stays one: what it leads to is replaced.
	if target, err := filepath.EvalSymlinks(p.exports); err == nil && target != p.exports {
		if link, err := os.Lstat(p.exports); err == nil && link.Mode()&fs.ModeSymlink != 0 {
			p.exports = target
			p.newExports = filepath.Join(filepath.Dir(target), exportsPart+filepath.Base(target)+"-new-"+runID+atomicfile.TempSuffix)
			p.oldExports = filepath.Join(filepath.Dir(target), exportsPart+filepath.Base(target)+"-old-"+runID+atomicfile.TempSuffix)
		}
	}
	p.newMark = filepath.Join(p.newExports, markerFile)
	p.pubMark = filepath.Join(p.exports, markerFile)
	return p
}

// Recover brings a workspace into a whole state after a crash: a publish that had been decided is
// finished, one that had not is undone, and leftovers are swept. Call it at start, under the
// workspace's lock. A workspace that has never been published is fine.
func Recover(workspace string) error {
	r, err := readRecord(filepath.Join(workspace, WarehouseDir, intentFile))
	if err != nil {
		return fmt.Errorf("recover an interrupted publish: %w", err)
	}
	if r != nil {
		p := newPublication(workspace, r.RunID)
		p.record, p.decided = *r, true
		if err := p.finish(func(string) error { return nil }); err != nil {
			return fmt.Errorf("finish the interrupted publish of run %s: %w", r.RunID, err)
		}
	}
	if err := sweep(workspace); err != nil {
		return fmt.Errorf("sweep leftovers of an interrupted publish: %w", err)
	}
	return nil
}

func readRecord(path string) (*record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !validRunID.MatchString(r.RunID) {
		return nil, fmt.Errorf("%s: run_id %q is none that a publish writes", path, r.RunID)
	}
	return &r, nil
}

// sweep removes what unfinished publishes left. Folders set aside are only left over once their
// publish is done: before that, the intent is there and finish has dealt with them.
func sweep(workspace string) error {
	patterns := []string{
		filepath.Join(workspace, WarehouseDir, warehousePart+"*"),
		filepath.Join(workspace, exportsPart+"*"+atomicfile.TempSuffix),
	}
	if exports := newPublication(workspace, "").exports; exports != filepath.Join(workspace, ExportsDir) {
		for _, which := range []string{"-new-*", "-old-*"} { // by its own name: others may have theirs beside it
			patterns = append(patterns, filepath.Join(filepath.Dir(exports), exportsPart+filepath.Base(exports)+which+atomicfile.TempSuffix))
		}
	}
	for _, pattern := range patterns {
		names, err := filepath.Glob(globSafe(filepath.Dir(pattern)) + string(filepath.Separator) + filepath.Base(pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	_, err := atomicfile.Sweep(filepath.Join(workspace, WarehouseDir))
	return err
}

// globSafe escapes a folder's name for filepath.Glob.
func globSafe(dir string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// makeDurable syncs every file of the publish and the folders that name them.
func (p *publication) makeDurable() error {
	if err := os.WriteFile(p.newMark, []byte(p.record.RunID), 0o600); err != nil {
		return err
	}
	entries, err := os.ReadDir(p.newExports)
	if err != nil {
		return err
	}
	files := []string{p.newWarehouse}
	for _, e := range entries {
		files = append(files, filepath.Join(p.newExports, e.Name()))
		if e.Name() != markerFile {
			p.record.Files = append(p.record.Files, e.Name())
		}
	}
	if err := p.keepModes(files[1:]); err != nil {
		return err
	}
	if err := p.takeSums(); err != nil {
		return fmt.Errorf("take the checksums of what is published: %w", err)
	}
	if err := atomicfile.SyncFiles(files...); err != nil {
		return err
	}
	for _, dir := range []string{p.newExports, p.warehouseDir, filepath.Dir(p.exports)} {
		if err := atomicfile.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// keepModes gives the new exports the mode of those published before: a person who has opened the folder to others need
// not do so again. Without any before, they are the owner's alone.
func (p *publication) keepModes(files []string) error {
	info, err := os.Stat(p.exports)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	mode := info.Mode() & (fs.ModePerm | fs.ModeSetgid)
	if err := os.Chmod(p.newExports, mode); err != nil {
		return err
	}
	for _, name := range files {
		if err := os.Chmod(name, mode&0o666|0o600); err != nil {
			return err
		}
	}
	return nil
}

// requireExports refuses a link that leads nowhere: what is published would take its place.
func (p *publication) requireExports() error {
	target, err := os.Readlink(p.exports)
	if err != nil {
		return nil
	}
	if _, err := os.Stat(p.exports); err != nil {
		return fmt.Errorf("%s is a link to %s, which is not there; mount it, or make the folder: %w", p.exports, target, err)
	}
	return nil
}

// decide writes the intent: the commit point.
func (p *publication) decide(now time.Time) error {
	p.record.PublishedAt = now.UTC()
	p.record.Replaced = p.record.Files
	if p.before != nil {
		p.record.Replaced = p.before.Files
	}
	data, err := json.MarshalIndent(p.record, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(p.intent, append(data, '\n')); err != nil {
		// It may be there although its folder could not be synced; what it decides is about to be removed.
		return errors.Join(err, remove(p.intent))
	}
	p.decided = true
	return nil
}

// finish takes a decided publish to its end from wherever it was. Each action is safe to repeat.
func (p *publication) finish(step func(string) error) error {
	if err := p.swapExports(); err != nil {
		return p.undecide(err)
	}
	if err := step("exports swapped"); err != nil {
		return err
	}
	if err := p.replaceWarehouse(); err != nil {
		return err
	}
	if err := step("warehouse replaced"); err != nil {
		return err
	}
	if err := p.keepForeign(); err != nil {
		return err
	}
	if err := step("leftovers kept"); err != nil {
		return err
	}
	done := p.record
	done.Replaced = nil
	data, err := json.MarshalIndent(done, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(p.published, append(data, '\n')); err != nil {
		return err
	}
	if err := step("recorded"); err != nil {
		return err
	}
	if err := remove(p.pubMark); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(p.exports); err != nil {
		return err
	}
	if err := remove(p.intent); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(p.warehouseDir); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(p.newExports), os.RemoveAll(p.oldExports))
}

// swapExports puts the new folder in place unless it is. What was there before is then under
// newExports or oldExports.
func (p *publication) swapExports() error {
	if p.isOurs(p.pubMark) {
		return nil
	}
	if !p.isOurs(p.newMark) {
		return fmt.Errorf("the prepared exports %s are gone: %w", p.newExports, fs.ErrNotExist)
	}
	if _, err := os.Lstat(p.exports); err == nil {
		swapped, err := p.exchange(p.newExports, p.exports)
		if err != nil {
			return fmt.Errorf("put the new exports in place: %w", err)
		}
		if swapped {
			return atomicfile.SyncDir(filepath.Dir(p.exports))
		}
		if err := os.Rename(p.exports, p.oldExports); err != nil {
			return fmt.Errorf("set the old exports aside: %w", err)
		}
	}
	if err := os.Rename(p.newExports, p.exports); err != nil {
		return fmt.Errorf("put the new exports in place: %w", err)
	}
	return atomicfile.SyncDir(filepath.Dir(p.exports))
}

// undecide takes the decision back when not even the exports could be swapped, so that the old
// version stays whole.
func (p *publication) undecide(cause error) error {
	if p.isOurs(p.pubMark) {
		return cause
	}
	if _, err := os.Lstat(p.exports); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(p.oldExports, p.exports); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(cause, err)
		}
	}
	if err := remove(p.intent); err != nil {
		return errors.Join(cause, err)
	}
	p.decided = false
	return errors.Join(cause, atomicfile.SyncDir(p.warehouseDir))
}

func (p *publication) isOurs(marker string) bool {
	data, err := os.ReadFile(marker)
	return err == nil && string(data) == p.record.RunID
}

// replaceWarehouse renames the new warehouse over the old one. A log file beside the old one
// (somebody opened it for writing) belongs to the old file and would spoil the new one.
func (p *publication) replaceWarehouse() error {
	if _, err := os.Lstat(p.newWarehouse); errors.Is(err, fs.ErrNotExist) {
		return nil // done before the crash
	}
	if err := remove(p.warehouse + ".wal"); err != nil {
		return err
	}
	if err := os.Rename(p.newWarehouse, p.warehouse); err != nil {
		return fmt.Errorf("replace the warehouse: %w", err)
	}
	return atomicfile.SyncDir(p.warehouseDir)
}

// keepForeign moves what people have put into exports/ themselves from the old folder to the new.
func (p *publication) keepForeign() error {
	for _, dir := range []string{p.newExports, p.oldExports} {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := e.Name()
			if name == markerFile || slices.Contains(p.record.Replaced, name) || slices.Contains(p.record.Files, name) {
				continue
			}
			if err := os.Rename(filepath.Join(dir, name), filepath.Join(p.exports, name)); err != nil {
				return fmt.Errorf("keep %s in the exports: %w", name, err)
			}
		}
	}
	return nil
}

// rollBack removes what was prepared for a publish that was not decided.
func (p *publication) rollBack() error {
	return errors.Join(
		os.RemoveAll(p.newExports),
		remove(p.newWarehouse),
		remove(p.newWarehouse+".wal"),
	)
}

func remove(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// plainer adds what to do to the errors that a person can do something about.
func plainer(err error, decided bool) error {
	kept := "the version published before is untouched"
	if decided {
		kept = "the next run finishes this publish"
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), strings.Contains(err.Error(), "No space left on device"):
		return fmt.Errorf("the disk is full; free some space and run again; %s: %w", kept, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the workspace can't be written; check its owner and mount; %s: %w", kept, err)
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EXDEV):
		return fmt.Errorf("exports/ can't be replaced because it is a mount of its own; mount the whole workspace instead; %s: %w", kept, err)
	}
	return err
}
