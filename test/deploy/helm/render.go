// Renders the chart where Helm cannot be had: Go's templates with the functions of sprig, which are Helm's own parts, and
// the few functions that Helm adds and this chart uses. Prints every manifest. It knows no hooks, no lookup, no subcharts.
//
// Usage: go run render.go CHART RELEASE [VALUES.yaml]
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type files struct{ chart string }

// Get is `.Files.Get`.
func (f files) Get(name string) string { return string(read(filepath.Join(f.chart, name))) }

func main() {
	chart, release := os.Args[1], os.Args[2]
	values := load(filepath.Join(chart, "values.yaml"))
	if len(os.Args) > 3 {
		merge(values, load(os.Args[3]))
	}
	meta := map[string]interface{}{}
	for key, value := range load(filepath.Join(chart, "Chart.yaml")) {
		meta[strings.ToUpper(key[:1])+key[1:]] = value
	}
	data := map[string]interface{}{
		"Chart": meta, "Values": values, "Files": files{chart},
		"Release": map[string]interface{}{"Name": release, "Namespace": "default"},
	}
	root := template.New("chart").Option("missingkey=error").Funcs(sprig.TxtFuncMap())
	root.Funcs(template.FuncMap{
		"include": func(name string, data interface{}) (string, error) {
			var text bytes.Buffer
			err := root.ExecuteTemplate(&text, name, data)
			return text.String(), err
		},
		"toYaml": func(value interface{}) (string, error) {
			text, err := yaml.Marshal(value)
			return strings.TrimSuffix(string(text), "\n"), err
		},
	})
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	for _, path := range paths {
		_, err := root.New(filepath.Base(path)).Parse(string(read(path)))
		check(err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); strings.HasSuffix(name, ".yaml") {
			fmt.Println("---")
			check(root.ExecuteTemplate(os.Stdout, name, data))
		}
	}
}

func load(path string) map[string]interface{} {
	var loaded map[string]interface{}
	check(yaml.Unmarshal(read(path), &loaded))
	return loaded
}

func merge(into, from map[string]interface{}) {
	for key, value := range from {
		inner, isMap := value.(map[string]interface{})
		if old, both := into[key].(map[string]interface{}); isMap && both {
			merge(old, inner)
		} else {
			into[key] = value
		}
	}
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	check(err)
	return text
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
