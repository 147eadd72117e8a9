package scan

import (
	"strings"
	"testing"
)

// flat is a row of a report without objects, as most are.
const flat = `{"Employee_ID":"E00012345","First_Name":"Charlotte","Last_Name":"Anderson","Email_-_Work":"Charlotte.Anderson.12345@acme.example",` +
	`"CF_Management_Level":"Individual Contributor","businessTitle":"Senior Integration Engineer","Business_Unit":"Research","Job_Function":"Support",` +
	`"People_Manager":"No","Manager_Email":"Priya.Abernathy.0@acme.example","City":"Madrid","Country":"Spain","Office":"Paseo de la Castellana",` +
	`"Locale":"es-ES","Status":"Active","Cost_Center":"0282"}`

func BenchmarkObject(b *testing.B) {
	for name, row := range map[string]string{"flat": flat, "spaced": strings.NewReplacer(`":"`, `" : "`, `","`, "\",\n  \"").Replace(flat)} {
		b.Run(name, func(b *testing.B) {
			data := []byte(row)
			for read, object := range map[string]func([]byte, int) int{"alone": Object, "as the one before": new(Layout).Object} {
				b.Run(read, func(b *testing.B) {
					b.SetBytes(int64(len(data)))
					for b.Loop() {
						if object(data, 0) != len(data) {
							b.Fatal("it has no end")
						}
					}
				})
			}
		})
	}
}
