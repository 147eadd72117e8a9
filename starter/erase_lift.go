package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/terminal"
)

func (a *app) listErased(ctx context.Context, asked erase) error {
	count, undone, err := a.kept.ErasuresKept(ctx, asked.tenant)
	if err != nil {
		return err
	}
	if a.format == jsonFormat {
		return a.writeJSON(struct {
			Tenant  string `json:"tenant"`
			KeptOut int    `json:"kept_out"`
			Undone  int    `json:"undone"`
		}{asked.tenant, count, undone})
	}
	text := fmt.Sprintf("%s: %s kept out\n", asked.tenant, terminal.Count(count, "person", "people"))
	if undone > 0 {
		text += terminal.Count(undone, "erasure is", "erasures are") + " not done yet: look for Erase in the Web UI\n"
	}
	return a.print("%s", text)
}

func (a *app) liftErasure(ctx context.Context, asked erase) error {
	ids, err := a.erasures(ctx, asked)
	if err != nil {
		return err
	}
	lifted, err := a.kept.LiftErasures(ctx, asked.tenant, ids)
	if err != nil {
		return err
	}
	if lifted == 0 {
		return fmt.Errorf("%s keeps nobody out by that: name the person by an email or external id that they had, or by the member's id", asked.tenant)
	}
	if _, err := a.request(ctx, "lift", resync{tenant: asked.tenant, by: asked.by, why: asked.why}); err != nil {
		return err
	}
	if a.format == jsonFormat {
		return a.writeJSON(struct {
			Tenant string `json:"tenant"`
			Lifted int    `json:"lifted"`
		}{asked.tenant, lifted})
	}
	return a.print("%s: lifted. The next sync may add the person, as somebody new.\n", asked.tenant)
}

// erasures are those that keep a person out: found by what is known of the person, or by the member's id in the audit.
func (a *app) erasures(ctx context.Context, asked erase) ([]uuid.UUID, error) {
	out, err := a.kept.KeptOut(ctx, asked.tenant)
	if err != nil {
		return nil, err
	}
	email, ok := roster.NormalEmail(asked.person)
	if !ok {
		email = ""
	}
	ids := out.FindPerson(roster.NormalText(asked.person), email)
	if member, err := uuid.Parse(asked.person); err == nil {
		for c, err := range a.kept.MemberChanges(ctx, asked.tenant, member) {
			if err != nil {
				return nil, err
			}
			if c.Op == plan.ErasedOp {
				ids = append(ids, c.Run)
			}
		}
	}
	return ids, nil
}
