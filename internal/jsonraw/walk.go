package jsonraw

// scanner steps through JSON text without building anything. Positions are byte offsets; a
// false ok means that the text is damaged there.
type scanner struct{ data []byte }

// walk visits the values at the path below the value at i; false when visit said stop or the
// text is damaged. It recurses as deep as the path is long, however deep the text is.
func (s scanner) walk(i int, path []segment, visit func(start, end int) bool) bool {
	i = s.space(i)
	if len(path) == 0 {
		end, ok := s.value(i)
		return ok && visit(i, end)
	}
	if i >= len(s.data) {
		return false
	}
	switch s.data[i] {
	case '{':
		return s.object(i, path, visit)
	case '[':
		return s.array(i, path, visit)
	}
	return true
}

func (s scanner) object(i int, path []segment, visit func(start, end int) bool) bool {
	want := path[0]
	for i = s.space(i + 1); i < len(s.data) && s.data[i] != '}'; i = s.space(i) {
		keyEnd, escaped, ok := s.str(i)
		if !ok {
			return false
		}
		key := s.data[i:keyEnd]
		if i = s.space(keyEnd); i >= len(s.data) || s.data[i] != ':' {
			return false
		}
		i = s.space(i + 1)
		if want.all {
			if !s.walk(i, path[1:], visit) {
				return false
			}
		} else if keyIs(key, escaped, want.key) {
			return s.walk(i, path[1:], visit)
		}
		end, ok := s.value(i)
		if !ok {
			return false
		}
		if i = s.space(end); i < len(s.data) && s.data[i] == ',' {
			i++
		}
	}
	return true
}

func (s scanner) array(i int, path []segment, visit func(start, end int) bool) bool {
	want := path[0]
	if !want.all && (want.index < 0 || !want.plain) {
		return true
	}
	i = s.space(i + 1)
	for n := 0; i < len(s.data) && s.data[i] != ']'; n++ {
		switch {
		case want.all:
			if !s.walk(i, path[1:], visit) {
				return false
			}
		case n == want.index:
			return s.walk(i, path[1:], visit)
		}
		end, ok := s.value(i)
		if !ok {
			return false
		}
		if i = s.space(end); i < len(s.data) && s.data[i] == ',' {
			i = s.space(i + 1)
		}
	}
	return true
}

func keyIs(quoted []byte, escaped bool, want string) bool {
	if !escaped {
		return string(quoted[1:len(quoted)-1]) == want
	}
	key, ok := unquote(quoted, true)
	return ok && key == want
}

func (s scanner) space(i int) int {
	for i < len(s.data) && (s.data[i] == ' ' || s.data[i] == '\n' || s.data[i] == '\t' || s.data[i] == '\r') {
		i++
	}
	return i
}

// value gives the end of the value that starts at i.
func (s scanner) value(i int) (int, bool) {
	if i >= len(s.data) {
		return i, false
	}
	switch s.data[i] {
	case '"':
		end, _, ok := s.str(i)
		return end, ok
	case '{', '[':
		return s.nested(i)
	}
	start := i
	for i < len(s.data) {
		switch c := s.data[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c == '-', c == '+', c == '.', c == 'E':
			i++
			continue
		}
		break
	}
	return i, i > start
}

// nested gives the end of the object or array at i by counting brackets outside strings.
func (s scanner) nested(i int) (int, bool) {
	depth := 0
	for i < len(s.data) {
		switch s.data[i] {
		case '"':
			end, _, ok := s.str(i)
			if !ok {
				return i, false
			}
			i = end
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
		i++
	}
	return i, false
}

// str gives the end of the string whose opening quote is at i, and whether it has escapes.
// Most strings are short, which a plain loop passes faster than a search would start.
func (s scanner) str(i int) (end int, escaped, ok bool) {
	if i >= len(s.data) || s.data[i] != '"' {
		return i, false, false
	}
	for i++; i < len(s.data); i++ {
		switch s.data[i] {
		case '"':
			return i + 1, escaped, true
		case '\\':
			escaped = true
			i++
		}
	}
	return len(s.data), escaped, false
}
