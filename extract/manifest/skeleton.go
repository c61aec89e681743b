package manifest

import (
	_ "embed"
	"strings"

	"github.com/rightseat/rightseat/internal/lake"
)

//go:embed skeleton.yaml
var skeleton string

// Skeleton is the commented manifest that `rightseat connector new NAME` writes. It is a good
// manifest as it is. The error is for a name that can't be a connector's.
func Skeleton(name string) ([]byte, error) {
	if err := lake.CheckName(name); err != nil {
		return nil, err
	}
	if err := checkViewName(name); err != nil {
		return nil, err
	}
	title := strings.ToUpper(name[:1]) + strings.NewReplacer("_", " ", "-", " ").Replace(name[1:])
	// Quoted, as a name may look like a number.
	return []byte(strings.NewReplacer("{{name}}", `"`+name+`"`, "{{title}}", `"`+title+`"`).Replace(skeleton)), nil
}
