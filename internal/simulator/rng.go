package simulator

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"
)

// splitmix is the finaliser of SplitMix64: a cheap bijection that scatters close keys.
func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// Purposes keep draws for different things independent of one another: adding a draw to one
// never changes another.
const (
	drawName = iota + 1
	drawPlace
	drawCareer
	drawIdentity
	drawGrant
	drawProfile
	drawUsage
	drawHoliday
	drawLog
	drawEntra
	drawZoomAccount
	drawMeeting
	drawNetwork
	drawCard
	drawFile
	drawID
)

// hash scatters the seed and the keys into 64 bits.
func (o *Org) hash(keys ...uint64) uint64 {
	h := splitmix(uint64(o.seed))
	for _, k := range keys {
		h = splitmix(h ^ k)
	}
	return h
}

// rng is a generator of its own for one purpose and entity, so that anything can be
// generated alone, in any order, with the same outcome.
func (o *Org) rng(keys ...uint64) *rand.Rand {
	h := o.hash(keys...)
	return rand.New(rand.NewPCG(h, splitmix(h)))
}

// chance is a number in [0, 1) that belongs to the keys.
func (o *Org) chance(keys ...uint64) float64 {
	return float64(o.hash(keys...)>>11) / (1 << 53)
}

const idAlphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// oktaID is an identifier as Okta writes them: a prefix and letters up to 20 characters.
func (o *Org) oktaID(prefix string, keys ...uint64) string {
	h := o.hash(append([]uint64{drawID}, keys...)...)
	b := []byte(prefix)
	for len(b) < 20 {
		if h < 62 {
			h = splitmix(h + uint64(len(b)))
		}
		b = append(b, idAlphabet[h%62])
		h /= 62
	}
	return string(b)
}

func (o *Org) bytes16(keys ...uint64) [16]byte {
	a := o.hash(append([]uint64{drawID, 1}, keys...)...)
	b := splitmix(a)
	var out [16]byte
	for i := range 8 {
		out[i], out[8+i] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	return out
}

// guid is a version 4 UUID.
func (o *Org) guid(keys ...uint64) string {
	b := o.bytes16(keys...)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// base64ID is 16 bytes in standard base64: Zoom's meeting UUIDs.
func (o *Org) base64ID(keys ...uint64) string {
	b := o.bytes16(keys...)
	return base64.StdEncoding.EncodeToString(b[:])
}

// urlID is 16 bytes in URL-safe base64 without padding: Zoom's user ids.
func (o *Org) urlID(keys ...uint64) string {
	b := o.bytes16(keys...)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (o *Org) hexID(keys ...uint64) string {
	b := o.bytes16(keys...)
	return hex.EncodeToString(b[:12])
}

// day counts UTC days since 1970-01-01.
type day int

const never = day(1 << 30)

func dayOf(t time.Time) day {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return day(d)
}

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// at is the instant that many seconds into the day.
func (d day) at(second int) time.Time { return time.Unix(int64(d)*86400+int64(second), 0).UTC() }

func (d day) weekend() bool {
	w := d.time().Weekday()
	return w == time.Saturday || w == time.Sunday
}

// season is how busy the day is beside a usual working day.
func (d day) season() float64 {
	if d.weekend() {
		return 0.06
	}
	switch _, m, n := d.time().Date(); {
	case m == time.December && n >= 22, m == time.January && n <= 2:
		return 0.25
	case m == time.August:
		return 0.7
	default:
		return 1
	}
}
