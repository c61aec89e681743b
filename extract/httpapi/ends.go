package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"hash/maphash"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rightseat/rightseat/internal/jsonraw"
)

// after tells the position behind a page and whether it was the last one.
func (w *walk) after(page *Page) (next Position, last bool, err error) {
	spec := w.pager.spec
	next = Position{Pages: w.pos.Pages, Seen: w.pos.Seen + int64(page.Count), Largest: max(w.pos.Largest, int64(page.Count))}
	if err := w.repeated(page); err != nil {
		return next, false, err
	}
	switch spec.Type {
	case "", "none":
		return next, true, nil
	case "iterator":
		last = page.Count == 0 && !w.resent
		w.resent = false
		return next, last, nil
	case "offset", "page", "start_index":
		last, err = w.countedLast(page, next)
		return next, last, err
	}
	if last, err = w.follow(page, &next); err != nil {
		return next, false, err
	}
	// Before the page counts: a position that may not be asked would stop the stream for good.
	if err := w.reachable(next); err != nil {
		return next, false, err
	}
	if last {
		return next, true, nil
	}
	key := next.URL + string(next.Cursor)
	if h := maphash.String(seed, key); w.visited[h] || key == w.pos.URL+string(w.pos.Cursor) {
		return next, false, w.loop("a next page is one that was already read")
	} else {
		w.visited[h] = true
	}
	return next, false, nil
}

// reachable refuses a next link to a host that the manifest does not allow.
func (w *walk) reachable(next Position) error {
	if next.URL == "" {
		return nil
	}
	u, err := url.Parse(next.URL)
	if err != nil {
		return w.badLink(errors.New("the vendor's next link is no address"))
	}
	if _, err := w.client.allowed(u, w.target.RedirectHosts); err != nil {
		return w.badLink(err)
	}
	return nil
}

func (w *walk) badLink(err error) error {
	return &linkError{cmp.Or(w.target.Method, http.MethodGet), w.client.pathOf(w.target.URL), err}
}

// repeated finds a page with the very records of the one before.
func (w *walk) repeated(page *Page) error {
	if page.Count == 0 || page.file != nil {
		return nil
	}
	same := w.begun && page.print == w.print
	w.print = page.print
	if same && !(w.pager.spec.Type == "iterator" && w.resent) {
		return w.loop("two pages running hold the same records")
	}
	return nil
}

// countedLast tells the last page where pages are counted: by the vendor's word, else by a page smaller than the others
// or empty. A first page smaller than asked for proves nothing by itself: the vendor may give fewer at a time than it
// was asked for. Nor does a total end the reading: some vendors cap it, and there is more.
func (w *walk) countedLast(page *Page, next Position) (last bool, err error) {
	if more, known := w.more(page); known {
		if more && page.Count == 0 && w.pager.spec.Type != "page" {
			return false, w.contradiction(page, "it says that there is more, and gives nothing")
		}
		return !more, nil
	}
	if page.Count == 0 {
		return true, nil
	}
	largest := max(next.Largest, int64(w.pager.spec.Size))
	if total, told := w.pager.Total(page); told {
		w.countedTo = total
		if next.Seen >= total && int64(page.Count) < largest {
			return true, nil
		}
	}
	return next.Pages > 1 && int64(page.Count) < next.Largest, nil
}

// contradiction makes the error of a page that says two things of the list's end.
func (w *walk) contradiction(page *Page, what string) error {
	return &PageError{Method: cmp.Or(w.target.Method, http.MethodGet), Path: page.Source, ContentType: "a page", Got: w.client.shown(string(page.Body[:min(len(page.Body), searched)]), gotMost), Err: errors.New(what)}
}

// Total is how many records the whole list has by a page's own word.
func (p *Pager) Total(page *Page) (total int64, told bool) {
	text := ""
	switch {
	case p.total != nil:
		text, _ = p.total.Text(page.Body)
	case p.spec.TotalHeader != "":
		text = strings.TrimSpace(page.Header.Get(p.spec.TotalHeader))
	}
	total, err := strconv.ParseInt(text, 10, 64)
	return total, err == nil && total >= 0
}

// TellsTotal tells whether pages may say how many records the whole list has.
func (p *Pager) TellsTotal() bool { return p.total != nil || p.spec.TotalHeader != "" }

// IsCounted tells whether pages are found by counting: a record that comes, goes or moves meanwhile shifts all
// behind it.
func (p *Pager) IsCounted() bool {
	switch p.spec.Type {
	case "offset", "page", "start_index":
		return true
	}
	return false
}

func (w *walk) more(page *Page) (more, known bool) {
	if w.pager.hasMore == nil {
		return false, false
	}
	v, ok := w.pager.hasMore.Text(page.Body)
	return v == "true" || v == "1", ok
}

// follow takes the next link or cursor out of a page.
func (w *walk) follow(page *Page, next *Position) (last bool, err error) {
	spec := w.pager.spec
	switch {
	case spec.Type == "link_header":
		next.URL = nextLink(page.Header)
	case spec.NextHeader != "":
		text := strings.TrimSpace(page.Header.Get(spec.NextHeader))
		if spec.Type == "next_url" {
			next.URL = text
		} else if text != "" {
			next.Cursor = quote(text)
		}
	case w.pager.next != nil:
		raw, _ := w.pager.next.Lookup(page.Body)
		if spec.Type == "next_url" {
			next.URL = present(raw)
		} else if present(raw) != "" {
			next.Cursor = bytes.Clone(raw)
		}
	}
	if next.URL != "" {
		// Kept as a whole address: a relative one is relative to this page.
		if u, err := page.URL.Parse(next.URL); err == nil {
			next.URL = u.String()
		}
	}
	none := next.URL == "" && len(next.Cursor) == 0
	if none && spec.Linked && page.Count >= spec.Size {
		if lacks := w.lacksEnd(page); lacks != "" {
			return false, w.contradiction(page, "it is full, and without "+lacks+" that this vendor sends with each page: whether there is more can't be told")
		}
	}
	if spec.Polling && none { // stay where we are
		next.URL, next.Cursor = w.pos.URL, w.pos.Cursor
	}
	if spec.Polling && page.Count == 0 {
		return w.isCaughtUp(*next), nil
	}
	w.empty = 0
	if more, known := w.more(page); known && (!more || none && !spec.Polling) {
		if more {
			return false, w.contradiction(page, "it says that there is more, and not where")
		}
		return true, nil
	}
	return none, nil
}

// lacksEnd names what a page without a next one would say that with; empty when the page has it.
func (w *walk) lacksEnd(page *Page) string {
	if w.pager.next == nil {
		if len(page.Header.Values("Link")) > 0 {
			return ""
		}
		return "the Link header (does something on the way take it off?)"
	}
	if _, told := w.pager.next.Lookup(page.Body); told {
		return ""
	}
	return w.pager.spec.Next
}

// maxEmptyPages of a polled list in a row end it although each points further.
const maxEmptyPages = 20

// isCaughtUp tells whether an empty page of a polled list is its end as it stands: it points no further than where it was
// asked for. One that does may only have found nothing that passes the filter, and there is more behind it.
func (w *walk) isCaughtUp(next Position) bool {
	key := next.URL + string(next.Cursor)
	w.empty++
	return key == w.pos.URL+string(w.pos.Cursor) || w.visited[maphash.String(seed, key)] || w.empty >= maxEmptyPages
}

// present gives a next link's or cursor's text; empty when there is none, which some vendors
// write as "", false or the text "null".
func present(raw []byte) string {
	if len(raw) == 0 || jsonraw.Kind(raw) == 'n' || string(raw) == "false" {
		return ""
	}
	text := paramText(raw)
	if text == "null" {
		return ""
	}
	return text
}
