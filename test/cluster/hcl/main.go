// Command hcl reads files of Terraform in its JSON syntax, as a list of texts, with the parser that Terraform has. It writes
// for each what is wrong: what does not parse, is no attribute, or refers to nothing; and the values of its attributes.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

type block struct {
	address string
	kind    string
	content *hcl.BodyContent
}

type reader struct {
	Wrong []string `json:"wrong"`
	// By address and attribute, as far as they are strings that are known.
	Values    map[string]string `json:"values"`
	variables map[string]cty.Value
	locals    map[string]hcl.Expression
	providers map[string]bool
	blocks    []block
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	answers := make([]*reader, len(texts))
	for at, text := range texts {
		answers[at] = read(text)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func read(text string) *reader {
	r := &reader{Wrong: []string{}, Values: map[string]string{}}
	r.variables, r.locals, r.providers = map[string]cty.Value{}, map[string]hcl.Expression{}, map[string]bool{}
	parsed, found := hcljson.Parse([]byte(text), "printed.tf.json")
	if r.tell(found); parsed == nil {
		return r
	}
	content, found := parsed.Body.Content(file)
	r.tell(found)
	for _, each := range content.Blocks {
		r.block(each)
	}
	for _, each := range r.blocks {
		for name, attribute := range each.content.Attributes {
			r.attribute(each, name, attribute.Expr)
		}
	}
	return r
}

func (r *reader) say(format string, words ...any) {
	r.Wrong = append(r.Wrong, fmt.Sprintf(format, words...))
}

func (r *reader) tell(found hcl.Diagnostics) {
	for _, each := range found {
		r.say("%s: %s", each.Summary, each.Detail)
	}
}

func (r *reader) block(each *hcl.Block) {
	for _, label := range each.Labels {
		if !hclsyntax.ValidIdentifier(label) {
			r.say("%q is no name", label)
		}
	}
	switch each.Type {
	case "variable":
		content, found := each.Body.Content(variableSchema)
		r.tell(found)
		r.variables[each.Labels[0]] = cty.UnknownVal(typeOf(content))
	case "locals":
		attributes, found := each.Body.JustAttributes()
		r.tell(found)
		for name, attribute := range attributes {
			r.locals[name] = attribute.Expr
		}
	case "terraform":
		r.terraform(each)
	default:
		r.resource(each)
	}
}

func typeOf(content *hcl.BodyContent) cty.Type {
	if attribute := content.Attributes["type"]; attribute != nil && hcl.ExprAsKeyword(attribute.Expr) == "bool" {
		return cty.Bool
	}
	return cty.String
}

func (r *reader) terraform(each *hcl.Block) {
	content, found := each.Body.Content(terraformSchema)
	r.tell(found)
	for _, required := range content.Blocks {
		attributes, found := required.Body.JustAttributes()
		r.tell(found)
		for _, attribute := range attributes {
			pairs, _ := hcl.ExprMap(attribute.Expr)
			for _, pair := range pairs {
				// What is no list, such as the source, has no aliases.
				aliases, _ := hcl.ExprList(pair.Value)
				for _, alias := range aliases {
					r.providers[r.address(alias)] = true
				}
			}
		}
	}
}

// An address in a string, as in depends_on.
func (r *reader) address(expression hcl.Expression) string {
	traversal, found := hcl.AbsTraversalForExpr(expression)
	if r.tell(found); len(traversal) == 0 {
		return ""
	}
	return nameOf(traversal)
}

func nameOf(traversal hcl.Traversal) string {
	names := []string{traversal.RootName()}
	for _, step := range traversal[1:] {
		if step, ok := step.(hcl.TraverseAttr); ok {
			names = append(names, step.Name)
		}
	}
	return strings.Join(names, ".")
}

func (r *reader) resource(each *hcl.Block) {
	kind, name := each.Labels[0], each.Labels[1]
	address, known := kind+"."+name, resources[kind]
	if each.Type == "data" {
		address, known = "data."+address, data[kind]
	}
	if known == nil {
		r.say("there is no %s %s", each.Type, kind)
		return
	}
	content, found := each.Body.Content(schemaOf(known))
	r.tell(found)
	r.blocks = append(r.blocks, block{address, kind, content})
}

func (r *reader) attribute(each block, name string, expression hcl.Expression) {
	switch name {
	case "depends_on":
		list, found := hcl.ExprList(expression)
		r.tell(found)
		for _, one := range list {
			r.mustBe(r.address(one), each.address)
		}
		return
	case "provider":
		if provider := r.address(expression); !r.providers[provider] {
			r.say("%s: there is no provider %s", each.address, provider)
		}
		return
	}
	if value, ok := r.value(expression, each.address); ok {
		r.Values[each.address+"."+name] = value
	}
}

// Evaluates the expression with all that it refers to.
func (r *reader) value(expression hcl.Expression, where string) (string, bool) {
	known := map[string]cty.Value{"var": cty.ObjectVal(r.variables)}
	locals := map[string]cty.Value{}
	for _, traversal := range expression.Variables() {
		names := strings.Split(nameOf(traversal), ".")
		switch names[0] {
		case "var":
		case "local":
			if r.locals[names[1]] == nil {
				r.say("%s: there is no local %s", where, names[1])
				continue
			}
			text, _ := r.value(r.locals[names[1]], "local."+names[1])
			locals[names[1]] = cty.StringVal(text)
		default:
			r.refersTo(names, where)
			known[names[0]] = cty.DynamicVal
		}
	}
	known["local"] = cty.ObjectVal(locals)
	value, found := expression.Value(&hcl.EvalContext{
		Variables: known,
		Functions: map[string]function.Function{"compact": stdlib.CompactFunc},
	})
	r.tell(found)
	if !value.IsWhollyKnown() || value.Type() != cty.String || value.IsNull() {
		return "", false
	}
	return value.AsString(), true
}

func (r *reader) refersTo(names []string, where string) {
	count := 2
	if names[0] == "data" {
		count = 3
	}
	if len(names) != count+1 {
		r.say("%s: %s is no attribute of a resource", where, strings.Join(names, "."))
		return
	}
	r.mustBe(strings.Join(names[:count], "."), where)
	for _, result := range results[names[count-2]] {
		if result == names[count] {
			return
		}
	}
	r.say("%s: %s has no attribute %s", where, names[count-2], names[count])
}

func (r *reader) mustBe(address, where string) {
	for _, each := range r.blocks {
		if each.address == address {
			return
		}
	}
	r.say("%s: there is no %s", where, address)
}

// Attributes of the types that are printed, as the providers hashicorp/aws 6 and hashicorp/azurerm 5 have them. True: required.
var resources = map[string]map[string]bool{
	"aws_iam_openid_connect_provider":       {"url": true, "client_id_list": true},
	"aws_iam_role":                          {"name": false, "path": false, "assume_role_policy": true},
	"aws_iam_role_policy":                   {"name": false, "role": true, "policy": true},
	"aws_iam_user_policy":                   {"name": false, "user": true, "policy": true},
	"aws_iam_policy":                        {"name": false, "path": false, "policy": true},
	"aws_iam_role_policy_attachment":        {"role": true, "policy_arn": true},
	"aws_iam_user_policy_attachment":        {"user": true, "policy_arn": true},
	"aws_s3_bucket_policy":                  {"bucket": true, "policy": true},
	"aws_kms_grant":                         {"name": false, "key_id": true, "grantee_principal": true, "operations": true},
	"azurerm_federated_identity_credential": {"name": true, "user_assigned_identity_id": true, "issuer": true, "subject": true, "audience": true},
	"azurerm_role_assignment":               {"scope": true, "role_definition_name": false, "principal_id": true, "principal_type": false},
}

var data = map[string]map[string]bool{
	"aws_iam_policy_document": {"source_policy_documents": false, "override_policy_documents": false},
	"aws_kms_key":             {"key_id": true},
}

// What any resource may have.
var meta = []string{"count", "depends_on", "provider"}

// Attributes that other blocks read.
var results = map[string][]string{
	"aws_iam_role":            {"arn", "name"},
	"aws_iam_policy":          {"arn"},
	"aws_iam_policy_document": {"json"},
	"aws_kms_key":             {"arn"},
}

var file = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "terraform"},
	{Type: "locals"},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "data", LabelNames: []string{"type", "name"}},
	{Type: "resource", LabelNames: []string{"type", "name"}},
}}

func schemaOf(attributes map[string]bool) *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for name, required := range attributes {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name, Required: required})
	}
	for _, name := range meta {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	return schema
}

var variableSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "type", Required: true}, {Name: "description"}, {Name: "default"},
}}

var terraformSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "required_providers"}}}
