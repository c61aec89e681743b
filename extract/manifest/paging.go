package manifest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rightseat/rightseat/internal/yamlx"
)

// Types of Paging.
const (
	PagingNone       = "none"
	PagingLinkHeader = "link_header"
	PagingNextURL    = "next_url"
	PagingCursor     = "cursor"
	PagingOffset     = "offset"
	PagingPage       = "page"
	PagingStartIndex = "start_index"
	PagingIterator   = "iterator"
)

var pagingTypes = []string{
	PagingLinkHeader, PagingNextURL, PagingCursor, PagingOffset, PagingPage, PagingStartIndex, PagingIterator, PagingNone,
}

// pagingFields are the keys of paging beside type, and the types that have them.
var pagingFields = map[string][]string{
	"next":         {PagingNextURL, PagingCursor},
	"next_header":  {PagingNextURL, PagingCursor},
	"param":        {PagingCursor, PagingOffset, PagingPage, PagingStartIndex, PagingIterator},
	"in":           {PagingCursor, PagingOffset, PagingPage, PagingStartIndex},
	"size_param":   {PagingLinkHeader, PagingNextURL, PagingCursor, PagingOffset, PagingPage, PagingStartIndex, PagingIterator},
	"size":         {PagingLinkHeader, PagingNextURL, PagingCursor, PagingOffset, PagingPage, PagingStartIndex, PagingIterator},
	"first":        {PagingPage, PagingStartIndex},
	"total":        {PagingNone, PagingLinkHeader, PagingNextURL, PagingCursor, PagingOffset, PagingPage, PagingStartIndex},
	"total_header": {PagingNone, PagingLinkHeader, PagingNextURL, PagingCursor, PagingOffset, PagingPage, PagingStartIndex},
	"has_more":     {PagingNextURL, PagingCursor, PagingOffset, PagingPage, PagingStartIndex},
	"linked":       {PagingLinkHeader, PagingNextURL, PagingCursor},
	"polling":      {PagingLinkHeader, PagingNextURL, PagingCursor},
	"start":        {PagingIterator},
	"resend":       {PagingIterator},
	"more":         {PagingIterator},
	"wait":         {PagingIterator},
}

func (c *checker) paging(key string, s Stream) {
	p := s.Paging
	c.oneOf(key+".type", p.Type, pagingTypes)
	kind := cmp.Or(p.Type, PagingNone)
	if !slices.Contains(pagingTypes, kind) {
		return
	}
	for _, field := range yamlx.SortedKeys(pagingFields) {
		if at := key + "." + field; c.doc.Has(at) && !slices.Contains(pagingFields[field], kind) {
			c.add(at, "means nothing for type %s; it is for %s", kind, strings.Join(pagingFields[field], ", "))
		}
	}
	switch kind {
	case PagingNextURL, PagingCursor:
		c.next(key, p)
		if kind == PagingCursor {
			c.required(key+".param", p.Param, "the parameter that the cursor is sent in")
		}
	case PagingOffset, PagingPage, PagingStartIndex:
		c.required(key+".param", p.Param, "the parameter that counts pages or records")
		if p.Size == 0 && kind != PagingPage {
			c.required(key+".size", "", "the number of records asked for per page")
		}
	case PagingIterator:
		c.required(key+".param", p.Param, "the parameter that says which page")
		c.required(key+".start", p.Start, "the parameter's value in the first request ever")
		c.required(key+".resend", p.Resend, "the parameter's value after a stop")
		c.required(key+".more", p.More, "the parameter's value for the next page")
	}
	c.pagingValues(key, s)
}

func (c *checker) next(key string, p Paging) {
	switch {
	case p.Next == "" && p.NextHeader == "":
		c.required(key+".next", "", "the path of the next one in the body, or next_header")
	case p.Next != "" && p.NextHeader != "":
		c.add(key+".next_header", "next stands in the body already; only one of the two")
	}
}

func (c *checker) pagingValues(key string, s Stream) {
	p := s.Paging
	c.path(key+".next", p.Next)
	c.path(key+".total", p.Total)
	c.path(key+".has_more", p.HasMore)
	c.path(key+".wait", p.Wait)
	c.oneOf(key+".in", p.In, []string{"query", "body"})
	if p.In == "body" && s.Request.Method != "POST" {
		c.add(key+".in", "only a POST request has a body")
	}
	if p.Size < 0 {
		c.add(key+".size", "is negative")
	}
	if p.SizeParam != "" && p.Size == 0 {
		c.required(key+".size", "", "the number that "+p.SizeParam+" asks for")
	}
	if p.Linked && p.Size == 0 {
		c.required(key+".size", "", "the number of records asked for per page, by which a full page is told")
	}
	if p.Linked && p.NextHeader != "" {
		c.add(key+".linked", "a vendor that sends next_header sends it while there is more, and not with each page")
	}
	if p.First != nil && *p.First < 0 {
		c.add(key+".first", "is negative")
	}
	if p.Total != "" && p.TotalHeader != "" {
		c.add(key+".total_header", "total stands in the body already; only one of the two")
	}
	if p.Polling && (p.Total != "" || p.TotalHeader != "") {
		c.add(key+".polling", "a list that is polled has no end, and so no total")
	}
	if p.Polling && s.Kind != KindEvents {
		c.add(key+".polling", "only streams of kind events can be polled; a snapshot has an end")
	}
	if s.ForEach != nil && (p.Polling || p.Type == PagingIterator) {
		c.add(key, "a stream with for_each can be neither polled nor an iterator: one place to go on from is kept, not one for each parent")
	}
}
