// Command provider stands in for a Terraform provider whose real one no registry here carries.
//
// It knows the resources, attributes and blocks that a file of schemas tells, so that `tofu validate`
// refuses what is misspelt, missing or of another type. It asks no cloud: an apply writes made-up
// values into what a provider would compute. Which provider it is, stands in its own name.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// attribute has its type in the form of cty's JSON, such as ["list","string"].
type attribute struct {
	Type     json.RawMessage `json:"type"`
	Required bool            `json:"required"`
	Optional bool            `json:"optional"`
	Computed bool            `json:"computed"`
	// Nested stands in the place of a type where the attribute has attributes of its own.
	Nested *object `json:"nested"`
	// Made is what an apply writes there.
	Made any `json:"made"`
}

type object struct {
	Attributes map[string]attribute `json:"attributes"`
	List       bool                 `json:"list"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	Blocks     map[string]nested    `json:"blocks"`
}

type nested struct {
	block
	Required bool `json:"required"`
	Single   bool `json:"single"`
}

type schemas struct {
	Provider  block            `json:"provider"`
	Resources map[string]block `json:"resources"`
	Data      map[string]block `json:"data"`
}

// provider leaves out of the interface what nobody asks it.
type provider struct {
	tfprotov6.ProviderServer
	known schemas
}

func main() {
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "terraform-provider-")
	text, err := os.ReadFile(os.Getenv("STEND_PROVIDER_SCHEMAS"))
	if err != nil {
		log.Fatal(err)
	}
	var all map[string]schemas
	if err := json.Unmarshal(text, &all); err != nil {
		log.Fatal(err)
	}
	serve := func() tfprotov6.ProviderServer { return &provider{known: all[name]} }
	if err := tf6server.Serve("stend/deploy-checks/"+name, serve); err != nil {
		log.Fatal(err)
	}
}

func (p *provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true},
		Provider:           &tfprotov6.Schema{Block: p.known.Provider.schema()},
		ResourceSchemas:    schemasOf(p.known.Resources),
		DataSourceSchemas:  schemasOf(p.known.Data),
	}, nil
}

func schemasOf(blocks map[string]block) map[string]*tfprotov6.Schema {
	found := map[string]*tfprotov6.Schema{}
	for name, one := range blocks {
		found[name] = &tfprotov6.Schema{Block: one.schema()}
	}
	return found
}

func (b block) schema() *tfprotov6.SchemaBlock {
	made := &tfprotov6.SchemaBlock{}
	made.Attributes = attributesOf(b.Attributes)
	for name, one := range b.Blocks {
		inner := &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: one.schema(), Nesting: tfprotov6.SchemaNestedBlockNestingModeList,
		}
		if one.Required {
			inner.MinItems = 1
		}
		if one.Single {
			inner.MaxItems = 1
		}
		made.BlockTypes = append(made.BlockTypes, inner)
	}
	return made
}

func attributesOf(known map[string]attribute) []*tfprotov6.SchemaAttribute {
	var made []*tfprotov6.SchemaAttribute
	for name, one := range known {
		described := &tfprotov6.SchemaAttribute{
			Name: name, Required: one.Required, Optional: one.Optional, Computed: one.Computed,
		}
		if one.Nested == nil {
			described.Type = typeOf(one.Type)
		} else {
			described.NestedType = &tfprotov6.SchemaObject{
				Attributes: attributesOf(one.Nested.Attributes),
				Nesting:    tfprotov6.SchemaObjectNestingModeSingle,
			}
			if one.Nested.List {
				described.NestedType.Nesting = tfprotov6.SchemaObjectNestingModeList
			}
		}
		made = append(made, described)
	}
	return made
}

func typeOf(text json.RawMessage) tftypes.Type {
	//nolint:staticcheck // There is no other parser of cty's JSON in this library.
	found, err := tftypes.ParseJSONType(text)
	if err != nil {
		log.Fatalf("%s is no type: %v", text, err)
	}
	return found
}

func (p *provider) ValidateProviderConfig(_ context.Context, asked *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: asked.Config}, nil
}

func (p *provider) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (p *provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (p *provider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p *provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (p *provider) PlanResourceChange(_ context.Context, asked *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	kind := p.known.Resources[asked.TypeName]
	planned, err := kind.filled(asked.ProposedNewState, func(attribute, tftypes.Type) (any, error) {
		return tftypes.UnknownValue, nil
	})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: planned}, err
}

func (p *provider) ApplyResourceChange(_ context.Context, asked *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	made, err := p.known.Resources[asked.TypeName].filled(asked.PlannedState, madeUp)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: made}, err
}

func (p *provider) ReadDataSource(_ context.Context, asked *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	made, err := p.known.Data[asked.TypeName].filled(asked.Config, madeUp)
	return &tfprotov6.ReadDataSourceResponse{State: made}, err
}

// filled gives what a provider computes its value, wherever the given state has none.
func (b block) filled(given *tfprotov6.DynamicValue, value func(attribute, tftypes.Type) (any, error)) (*tfprotov6.DynamicValue, error) {
	kind := b.schema().ValueType()
	state, err := given.Unmarshal(kind)
	if err != nil || state.IsNull() {
		return given, err
	}
	fields := map[string]tftypes.Value{}
	if err := state.As(&fields); err != nil {
		return nil, err
	}
	for name, one := range b.Attributes {
		if !one.Computed || (fields[name].IsKnown() && !fields[name].IsNull()) {
			continue
		}
		inner := kind.(tftypes.Object).AttributeTypes[name]
		made, err := value(one, inner)
		if err != nil {
			return nil, err
		}
		fields[name] = tftypes.NewValue(inner, made)
	}
	filled, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, fields))
	return &filled, err
}

// madeUp is what the schema says that an apply writes, or nothing.
func madeUp(one attribute, kind tftypes.Type) (any, error) {
	object, isObject := kind.(tftypes.Object)
	given, isFields := one.Made.(map[string]any)
	if !isObject || !isFields {
		return one.Made, nil
	}
	fields := map[string]tftypes.Value{}
	for name, inner := range object.AttributeTypes {
		fields[name] = tftypes.NewValue(inner, given[name])
	}
	return fields, nil
}
