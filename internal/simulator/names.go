package simulator

// A name and, after the colon, how an e-mail address spells it where that differs from
// lower-casing.
var firstNames = []string{
	"Amara", "Aiko", "Anders", "Anaïs:anais", "Arjun", "Beatriz", "Björn:bjorn", "Chloé:chloe", "Chinedu", "Dagny",
	"Dmitri", "Eleni", "Élodie:elodie", "Emeka", "Esra", "Fatima", "Fiona", "François:francois", "Gabriela", "Goran",
	"Hana", "Haruto", "Ifeoma", "Ilse", "İrem:irem", "Ivana", "Jakub", "Jiří:jiri", "Jamal", "João:joao",
	"Kaito", "Katarzyna", "Kenji", "Kofi", "Laila", "Lars", "Leilani", "Łukasz:lukasz", "Mariam", "Mateus",
	"Michał:michal", "Minh", "Nadia", "Naveen", "Ngozi", "Nguyệt:nguyet", "Noah", "Olu", "Olena", "Oscar",
	"Paloma", "Petra", "Priya", "Quentin", "Rafael", "Rania", "Renée:renee", "Ravi", "Saoirse", "Sakura",
	"Sofía:sofia", "Søren:soren", "Tala", "Tamar", "Thabo", "Tomás:tomas", "Ulrike", "Vanessa", "Viktor", "Wei",
	"美玲:meiling", "伟:wei", "さくら:sakura", "Олена:olena", "Νίκος:nikos", "Ximena", "Yara", "Yusuf", "Zanele", "Zoë:zoe",
}

var lastNames = []string{
	"Abara", "Adeyemi", "Ahmed", "Álvarez:alvarez", "Andersen", "Banerjee", "Barbosa", "Bauer", "Bergström:bergstrom", "Boateng",
	"Castillo", "Chen", "Cohen", "Costa", "D'Angelo:dangelo", "Dąbrowska:dabrowska", "de la Cruz:delacruz", "Diallo", "Dubois", "Eriksen",
	"Farouk", "Fernández:fernandez", "Fischer", "Fitzgerald", "Fujimoto", "García:garcia", "Gonçalves:goncalves", "Grünwald:gruenwald", "Haddad", "Hernández:hernandez",
	"Horváth:horvath", "Ibrahim", "Ito", "Iyer", "Jansen", "Jovanović:jovanovic", "Kamau", "Kaya", "Khan", "Kim",
	"Kowalski", "Kovačová:kovacova", "Larsen", "Lefèvre:lefevre", "Li", "Lindholm", "Lopes", "MacLeod", "Mahlangu", "Marchetti",
	"Mbeki", "Mensah", "Moreau", "Müller:mueller", "Nakamura", "Ndiaye", "Novák:novak", "Nowak", "Nguyễn:nguyen", "O'Brien:obrien",
	"Oliveira", "Okonkwo", "Özdemir:ozdemir", "Papadopoulos", "Patel", "Pereira", "Petrov", "Quispe", "Rahman", "Ricci",
	"Rossi", "Sato", "Schäfer:schaefer", "Shevchenko", "Silva", "Singh", "Smith-Jones", "Sørensen:sorensen", "Suzuki", "Szabó:szabo",
	"Tanaka", "Tremblay", "Tshabalala", "van der Berg:vanderberg", "Vasquez", "Wójcik:wojcik", "Wang", "Watanabe", "Yılmaz:yilmaz", "Zhang",
}

type location struct {
	name, city, country, timezone string
	workday                       int // hour UTC at which the day starts there
	lat, lon                      float64
}

var locations = []location{
	{"Berlin", "Berlin", "Germany", "Europe/Berlin", 7, 52.52, 13.405},
	{"London", "London", "United Kingdom", "Europe/London", 8, 51.507, -0.128},
	{"Toronto", "Toronto", "Canada", "America/Toronto", 13, 43.653, -79.383},
	{"São Paulo", "São Paulo", "Brazil", "America/Sao_Paulo", 12, -23.55, -46.633},
	{"Bengaluru", "Bengaluru", "India", "Asia/Kolkata", 4, 12.972, 77.595},
	{"Tokyo", "Tokyo", "Japan", "Asia/Tokyo", 1, 35.676, 139.65},
	{"Lagos", "Lagos", "Nigeria", "Africa/Lagos", 8, 6.524, 3.379},
	{"Warsaw", "Warsaw", "Poland", "Europe/Warsaw", 7, 52.23, 21.011},
}

type department struct {
	name, costCentre string
	head, lead       string // titles
	manager, member  string
	teams            [3]string
	weight           float64 // share of the staff
}

var departments = []department{
	{"Engineering", "CC-100", "VP Engineering", "Director of Engineering", "Engineering Manager", "Software Engineer", [3]string{"Platform", "Firmware", "Data"}, 0.30},
	{"Sales", "CC-200", "VP Sales", "Sales Director", "Sales Manager", "Account Executive", [3]string{"Field Sales", "Inside Sales", "Partners"}, 0.18},
	{"Customer Support", "CC-300", "VP Support", "Support Director", "Support Manager", "Support Engineer", [3]string{"Tier 1", "Tier 2", "Field Service"}, 0.15},
	{"Marketing", "CC-400", "VP Marketing", "Marketing Director", "Marketing Manager", "Marketing Specialist", [3]string{"Brand", "Demand", "Content"}, 0.10},
	{"Product & Design", "CC-500", "VP Product", "Product Director", "Group Product Manager", "Product Designer", [3]string{"Product", "Design", "Research"}, 0.10},
	{"Finance", "CC-600", "CFO", "Finance Director", "Finance Manager", "Financial Analyst", [3]string{"Accounting", "FP&A", "Procurement"}, 0.06},
	{"People", "CC-700", "VP People", "People Director", "People Partner Lead", "People Partner", [3]string{"Recruiting", "People Ops", "Learning"}, 0.05},
	{"IT & Security", "CC-800", "CIO", "IT Director", "IT Manager", "Systems Administrator", [3]string{"IT Operations", "Security", "Business Systems"}, 0.06},
}

const (
	deptEngineering = iota
	deptSales
	deptSupport
	deptMarketing
	deptProduct
	deptFinance
	deptPeople
	deptIT
)
