package people

// place is a workplace.
type place struct{ city, country, office, locale string }

var (
	first = []string{
		"Adela", "Bruno", "Carmen", "Dmitri", "Elena", "Farid", "Greta", "Hassan", "Ingrid", "Jorge", "Kamala",
		"Lorenzo",
		"Mireille", "Nadia", "Oskar", "Priya", "Quentin", "Rosalind", "Soren", "Tomoko", "Umberto", "Valeria",
		"Wojciech",
		"Ximena", "Yusuf", "Zsofia", "Annika", "Benedikt", "Charlotte", "Desmond", "Evangeline",
	}
	last = []string{
		"Abernathy", "Bergstrom", "Castellano", "Dubois", "Eriksson", "Fitzgerald", "Grunwald", "Hernandez", "Ishikawa",
		"Jankowski", "Kowalczyk", "Lindqvist", "Montgomery", "Nakamura", "Oyelaran", "Papadakis", "Quintero",
		"Rasmussen",
		"Santiago", "Takahashi", "Underwood", "Vasquez", "Whitaker", "Xenakis", "Yamamoto", "Zimmermann", "Achterberg",
		"Blackwood", "Cunningham",
	}
	levels = []string{
		"Individual Contributor", "Manager", "Sr. Manager", "Director", "Analyst", "Associate",
		"Individual Contributor",
		"VP",
	}
	titles = []string{
		"Senior Integration Engineer", "Account Executive", "Customer Success Manager", "Product Designer",
		"Data Analyst",
		"Staff Software Engineer", "Talent Acquisition Partner", "Financial Controller", "Regional Sales Director",
		"Technical Program Manager", "Support Specialist",
	}
	units     = []string{"Research", "Go to Market", "Administration", "Platform Operations", "Customer Care"}
	functions = []string{"Engineering", "Sales", "Finance", "People", "Marketing", "Legal", "Support"}
	places    = []place{
		{"Toronto", "Canada", "King Street West", "en-US"},
		{"Montréal", "Canada", "Rue Saint-Jacques", "fr-CA"},
		{"Madrid", "Spain", "Paseo de la Castellana", "es-ES"},
		{"Tokyo", "Japan", "Marunouchi", "ja"},
		{"Seoul", "South Korea", "Teheran-ro", "ko"},
		{"New York", "United States", "Hudson Yards", "en-US"},
		{"London", "United Kingdom", "Finsbury Avenue", "en-US"},
	}
)
