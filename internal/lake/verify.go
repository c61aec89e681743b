package lake

import "context"

// Verify holds every commit and data file of the lake to its checksum. It calls damaged with each that differs or
// is missing, and goes on behind it; files is how many were read. The error is the context's.
func (s *Store) Verify(ctx context.Context, damaged func(error)) (files int, err error) {
	connections, err := s.Connections()
	if err != nil {
		damaged(err)
		return 0, nil
	}
	for _, c := range connections {
		streams, err := s.Streams(c)
		if err != nil {
			damaged(err)
			continue
		}
		for _, name := range streams {
			st, err := s.Stream(c, name)
			if err != nil {
				damaged(err)
				continue
			}
			n, err := st.verify(ctx, damaged)
			files += n
			if err != nil {
				return files, err
			}
		}
	}
	return files, nil
}

func (st *Stream) verify(ctx context.Context, damaged func(error)) (files int, err error) {
	seqs, err := st.seqs()
	if err != nil {
		damaged(err)
		return 0, nil
	}
	for _, n := range seqs {
		if err := ctx.Err(); err != nil {
			return files, err
		}
		files++
		c, err := st.read(n)
		if err != nil {
			damaged(err)
			continue
		}
		for _, f := range c.Files {
			files++
			if err := st.Verify(f); err != nil {
				damaged(err)
			}
		}
	}
	return files, nil
}
