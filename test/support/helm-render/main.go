// Renders a Helm chart as helm template does: Go's text/template with sprig, and the few functions that Helm adds.
//
//	render [--notes] CHART RELEASE NAMESPACE [VALUES]
//
// --notes prints what helm install says at its end instead of the objects.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"github.com/ghodss/yaml"
)

type object = map[string]interface{}

func main() {
	arguments, printed := os.Args[1:], ".yaml"
	if arguments[0] == "--notes" {
		arguments, printed = arguments[1:], ".txt"
	}
	chart, release, namespace := arguments[0], arguments[1], arguments[2]
	values := read(filepath.Join(chart, "values.yaml"))
	for _, file := range arguments[3:] {
		merge(values, read(file))
	}
	fields := object{}
	for key, value := range read(filepath.Join(chart, "Chart.yaml")) {
		fields[strings.ToUpper(key[:1])+key[1:]] = value
	}
	data := object{
		"Values":  values,
		"Chart":   fields,
		"Release": object{"Name": release, "Namespace": namespace, "Service": "Helm"},
	}

	all := template.New(chart)
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		check(err)
		return strings.TrimSuffix(string(text), "\n")
	}
	functions["fromYaml"] = func(text string) object {
		values := object{}
		check(yaml.Unmarshal([]byte(text), &values))
		return values
	}
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	all.Funcs(functions).Option("missingkey=zero")

	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		template.Must(all.New(file).Parse(string(text)))
	}
	for _, file := range files {
		var out bytes.Buffer
		check(all.ExecuteTemplate(&out, file, data))
		if filepath.Ext(file) == printed {
			fmt.Printf("---\n%s\n", strings.ReplaceAll(out.String(), "<no value>", ""))
		}
	}
}

func read(file string) object {
	text, err := os.ReadFile(file)
	check(err)
	values := object{}
	check(yaml.Unmarshal(text, &values))
	return values
}

// Maps are merged, everything else is replaced, and null removes.
func merge(into, from object) {
	for key, value := range from {
		inner, isMap := value.(object)
		below, isThere := into[key].(object)
		switch {
		case value == nil:
			delete(into, key)
		case isMap && isThere:
			merge(below, inner)
		default:
			into[key] = value
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
