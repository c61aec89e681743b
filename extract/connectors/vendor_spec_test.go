package connectors_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rightseat/rightseat/extract/manifest"
)

// vendorSpecs are the vendors' own API descriptions. Later holds what a manifest uses and the
// description, being older, does not know yet; each with the reason to use it all the same.
// An entry that the description does know is an error.
var vendorSpecs = []struct {
	connector, file string
	later           map[string]string
}{
	{connector: "okta", file: "specs/okta-management.json"},
	{connector: "bamboohr", file: "specs/bamboohr-public.yaml"},
	{connector: "ironclad", file: "specs/ironclad.yaml"},
	{connector: "zoom", file: "specs/zoom-2018.json", later: map[string]string{
		"GET /users next_page_token": "Zoom has replaced page_number by next_page_token, which the description's other lists have already",
	}},
}

// TestManifestsAgainstVendorSpecs looks up every path, query parameter, header, fixed value and
// page size of the manifests in the vendor's own description.
func TestManifestsAgainstVendorSpecs(t *testing.T) {
	t.Parallel()
	for _, vendor := range vendorSpecs {
		t.Run(vendor.connector, func(t *testing.T) {
			t.Parallel()
			spec := readSpec(t, sharedFile(t, vendor.file))
			m := loadManifest(t, vendor.connector)
			needed := map[string]bool{}
			for _, s := range m.Streams {
				t.Run(s.Name, func(t *testing.T) {
					call, params, found := spec.operation(s.Request)
					require.True(t, found, "%s is not in %s", call, vendor.file)
					for _, use := range parameterUses(m, s) {
						key := call + " " + use.name
						p, ok := params.lookup(spec, use)
						if vendor.later[key] != "" {
							needed[key] = true
							assert.False(t, ok, "%s is in the description by now: drop the exception", key)
							continue
						}
						if assert.True(t, ok, "%s has no parameter %s (in %s)", call, use.name, use.in) {
							checkValue(t, spec, key, p, use.value)
						}
					}
				})
			}
			for key := range vendor.later {
				assert.True(t, needed[key], "the exception %s is for nothing", key)
			}
		})
	}
}

// parameterUse is a parameter that a manifest sends; value is empty when only known at run time.
type parameterUse struct{ in, name, value string }

func parameterUses(m *manifest.Manifest, s manifest.Stream) []parameterUse {
	var uses []parameterUse
	add := func(in, name, value string) {
		if strings.Contains(value, "{") {
			value = ""
		}
		uses = append(uses, parameterUse{in, name, value})
	}
	for name, value := range s.Request.Query {
		add("query", name, value)
	}
	for _, variant := range s.Variants {
		for name, value := range variant {
			add("query", name, value)
		}
	}
	if p := s.Paging; p.In != "body" {
		if p.Param != "" {
			add("query", p.Param, "")
		}
		if p.SizeParam != "" {
			add("query", p.SizeParam, fmt.Sprint(p.Size))
		}
	}
	for name, value := range m.Headers {
		if name != "Accept" {
			add("header", name, value)
		}
	}
	return uses
}

// checkValue holds a fixed value to the parameter's enumeration and maximum.
func checkValue(t *testing.T, spec apiSpec, key string, schema map[string]any, value string) {
	t.Helper()
	if value == "" {
		return
	}
	values := []string{value}
	if items, ok := schema["items"]; ok {
		schema, values = spec.resolve(items), strings.Split(value, ",")
	}
	if allowed, ok := schema["enum"].([]any); ok {
		var texts []string
		for _, a := range allowed {
			texts = append(texts, fmt.Sprint(a))
		}
		for _, v := range values {
			assert.Contains(t, texts, v, "%s", key)
		}
	}
	if most, ok := number(schema["maximum"]); ok {
		if got, ok := number(value); assert.True(t, ok, "%s: %q is no number", key, value) {
			assert.LessOrEqual(t, got, most, "%s", key)
		}
	}
}

func number(v any) (float64, bool) {
	var f float64
	n, err := fmt.Sscan(fmt.Sprint(v), &f)
	return f, n == 1 && err == nil
}

// apiSpec is an OpenAPI 3 or Swagger 2 document.
type apiSpec map[string]any

func readSpec(t *testing.T, file string) apiSpec {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var spec apiSpec
	if strings.HasSuffix(file, ".json") {
		require.NoError(t, json.Unmarshal(data, &spec))
	} else {
		require.NoError(t, yaml.Unmarshal(data, &spec))
	}
	return spec
}

// resolve follows local references.
func (s apiSpec) resolve(v any) map[string]any {
	object, _ := v.(map[string]any)
	ref, ok := object["$ref"].(string)
	if !ok {
		return object
	}
	var at any = map[string]any(s)
	for key := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		parent, _ := at.(map[string]any)
		at = parent[key]
	}
	return s.resolve(at)
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// operation finds the description of a request; names of path parameters do not matter.
func (s apiSpec) operation(r manifest.Request) (call string, params parameters, found bool) {
	method := r.Method
	if method == "" {
		method = "GET"
	}
	call = method + " " + r.Path
	want := placeholder.ReplaceAllString(r.Path, "{}")
	paths, _ := s["paths"].(map[string]any)
	for path, item := range paths {
		if placeholder.ReplaceAllString(path, "{}") != want {
			continue
		}
		shared := s.resolve(item)
		operation, ok := shared[strings.ToLower(method)].(map[string]any)
		if !ok {
			return call, nil, false
		}
		for _, list := range []any{shared["parameters"], operation["parameters"]} {
			list, _ := list.([]any)
			for _, p := range list {
				params = append(params, s.resolve(p))
			}
		}
		return call, params, true
	}
	return call, nil, false
}

type parameters []map[string]any

// deepObject splits filter[status] into filter and status.
var deepObject = regexp.MustCompile(`^(\w+)\[(\w+)\]$`)

// lookup gives a parameter's schema.
func (ps parameters) lookup(spec apiSpec, use parameterUse) (map[string]any, bool) {
	for _, p := range ps {
		if p["in"] != use.in {
			continue
		}
		schema := p // Swagger 2 keeps type and enum in the parameter itself
		if inner, ok := p["schema"]; ok {
			schema = spec.resolve(inner)
		}
		if p["name"] == use.name {
			return schema, true
		}
		if m := deepObject.FindStringSubmatch(use.name); m != nil && p["name"] == m[1] && p["style"] == "deepObject" {
			return spec.property(schema, m[2])
		}
	}
	return nil, false
}

// property finds an object schema's property, also in the schemas it is composed of.
func (s apiSpec) property(schema map[string]any, name string) (map[string]any, bool) {
	if properties, ok := schema["properties"].(map[string]any); ok {
		if p, ok := properties[name]; ok {
			return s.resolve(p), true
		}
	}
	// A later part refines an earlier one: BambooHR's employee list raises the common page limit.
	parts, _ := schema["allOf"].([]any)
	for _, part := range slices.Backward(parts) {
		if p, ok := s.property(s.resolve(part), name); ok {
			return p, true
		}
	}
	return nil, false
}
