"""What the name finder's training data is made with, written for this project: phrases of talk, organisations, places.

In a phrase `{p}` is a person in any form, `{g}` a given name, `{s}` a surname behind a title, `{a}` a name that is a
word, `{o}` an organisation, `{t}` a program, `{l}` a place, `{m}` a month or day, `{n}` a people, `{r}` a function,
`{c}` a made-up house or desk, `{k}` a rare ordinary word. None was taken from the sample's interviews.
"""

TITLES = """mevrouw mevr mw meneer mijnheer dhr dokter dr drs prof professor juf meester pastoor dominee zuster oom
tante opa oma wethouder burgemeester minister""".split()

ROLES = """collega buurman buurvrouw baas chef manager leidinggevende teamleider directeur directrice wethouder
burgemeester adviseur consulent coach begeleider mentor stagiair stagiaire secretaresse voorzitter penningmeester
coördinator projectleider beleidsmedewerker ambtenaar consultant huisarts dokter verpleegkundige leraar lerares docent
juf conciërge monteur vriend vriendin broer zus zusje broertje neef nicht moeder vader man vrouw dochter zoon schoonzus
zwager advocaat notaris journalist redacteur trainer aanvoerder speler renner zanger zangeres schrijver schrijfster
minister staatssecretaris kamerlid raadslid fractievoorzitter premier president koning woordvoerder onderzoeker
hoogleraar professor vrijwilliger planner analist programmeur ontwikkelaar inspecteur agent wijkagent rechercheur
kok bakker slager kapper architect ingenieur econoom historicus regisseur acteur actrice bestuurder""".split()

ORGANISATIONS = """Albert Heijn|Jumbo|Lidl|Aldi|Hema|Action|Blokker|Bol|Coolblue|Ikea|Gamma|Praxis|Kruidvat|Etos|KPN|
Ziggo|Vodafone|Philips|Shell|Unilever|ING|Rabobank|ABN Amro|SNS|Triodos|Achmea|Nationale Nederlanden|Aegon|NS|ProRail|
GVB|RET|Arriva|Connexxion|KLM|Schiphol|UWV|SVB|DUO|GGD|GGZ|CAK|CBR|RDW|Kadaster|Belastingdienst|Rijkswaterstaat|
Politie|Tweede Kamer|Eerste Kamer|Raad van State|Rekenkamer|Sociale Zaken|Binnenlandse Zaken|Justitie|VNG|Divosa|
Movisie|Nibud|CBS|CPB|SCP|RIVM|TNO|KNMI|VVD|PvdA|CDA|GroenLinks|SP|PVV|NSC|BBB|ChristenUnie|Volt|Vlaams Belang|
N-VA|Vooruit|Open VLD|Groen|Europese Unie|Europees Parlement|Verenigde Naties|Navo|Unicef|Rode Kruis|Leger des Heils|
Humanitas|Vluchtelingenwerk|Amnesty|Greenpeace|Natuurmonumenten|Hogeschool Utrecht|Universiteit Leiden|TU Delft|
Erasmus|Radboud|KU Leuven|UGent|Saxion|Fontys|Avans|Windesheim|Ajax|Feyenoord|PSV|Anderlecht|Club Brugge|Vitesse|
Heerenveen|NOS|VRT|RTL|NRC|Volkskrant|Trouw|Telegraaf|De Morgen|De Standaard|Libelle|Netflix|Spotify|Tesla|Toyota|
Volkswagen|Volvo|BMW|Ford|Renault|Apple|Samsung|Sony|Microsoft|Google|Amazon|Facebook|Meta|IBM|Deloitte|Capgemini|
Ordina|PwC|Randstad|Tempo-Team|Centraal Beheer|Eneco|Vattenfall|Essent|Vitens|Waternet|Ymere|Vestia|Woonbron|
Portaal|Stadgenoot|Aedes|Bureau Jeugdzorg|Veilig Thuis|Jeugdbescherming|Raad voor de Kinderbescherming|Sociaal Domein|
Ruimtelijke Ordening|Burgerzaken|Publiekszaken|Team Inkomen|Team West|Wijkteam Noord|Cluster Maatschappij|
Werk en Inkomen|Wmo|Jeugdwet|Participatiewet|Omgevingswet|Wet open overheid|Prinsjesdag|Kamer van Koophandel""".replace(
    "\n", ""
).split("|")

TOOLS = """Teams Excel Word Outlook Zoom SharePoint PowerPoint OneDrive WhatsApp Slack Signal Mural Miro Trello Jira
Notion Canva Gmail Windows Office Chrome Siri Alexa ChatGPT Copilot Google YouTube LinkedIn Instagram TikTok Twitter
Facebook Android iPhone iPad Suwinet DigiD Corsa Djuma Topdesk Centric Key2 PinkRoccade Civision Squit Verseon JOIN
Afas Exact SAP Salesforce Workday Power-BI Qlik Python SPSS Atlas Nvivo Webex Yammer Viva Planner Forms
Intranet""".split()

PLACES = """Nederland België Duitsland Frankrijk Engeland Spanje Italië Turkije Marokko Suriname Curaçao Aruba Polen
Syrië Oekraïne Rusland China Japan Amerika Europa Afrika Azië Australië Canada Indonesië India Somalië Eritrea Irak Iran
Vlaanderen Wallonië Brabant Limburg Zeeland Gelderland Overijssel Drenthe Groningen Friesland Flevoland Utrecht Twente
Achterhoek Veluwe Betuwe Randstad Kempen Ardennen Amsterdam Rotterdam Eindhoven Tilburg Breda Arnhem Nijmegen Zwolle
Leeuwarden Assen Emmen Enschede Apeldoorn Haarlem Leiden Delft Gouda Dordrecht Zoetermeer Almere Lelystad Amersfoort
Hilversum Maastricht Heerlen Venlo Roermond Middelburg Vlissingen Antwerpen Gent Brugge Brussel Leuven Mechelen Hasselt
Kortrijk Oostende Aalst Londen Parijs Berlijn Rome Madrid Wenen Istanbul Ankara Rabat Casablanca Paramaribo Jakarta
Maas Rijn Waal IJssel Schelde Dender Noordzee Markermeer Kanaaleiland Overvecht Lombok Bijlmer Zuidas Slotervaart
Feijenoord Kralingen Charlois Kanaalstraat Kerkstraat Dorpsstraat Stationsplein Marktplein Nieuwmarkt Wilhelminapark
Vondelpark Julianaplein Beatrixlaan Emmastraat Boston Tokio Washington Californië Texas Mexico Brazilië""".split()

TIMES = """januari februari maart april mei juni juli augustus september oktober november december maandag dinsdag
woensdag donderdag vrijdag zaterdag zondag Pasen Kerst Kerstmis Pinksteren Hemelvaart Koningsdag Sinterklaas carnaval
Ramadan Suikerfeest Offerfeest""".split()

PEOPLES = """Nederlands Nederlandse Nederlander Belgisch Belgische Belg Vlaams Vlaamse Vlaming Duits Duitse Duitser
Frans Franse Fransman Engels Engelse Engelsman Turks Turkse Turk Marokkaans Marokkaanse Marokkaan Surinaams Surinaamse
Surinamer Pools Poolse Pool Syrisch Syrische Syriër Oekraïens Oekraïense Amerikaans Amerikaanse Amerikaan Europees
Europese Europeaan Italiaans Italiaanse Italiaan Spaans Spaanse Arabisch Arabische Grieks Griekse Chinees Chinese
Japans Japanse Russisch Russische Rus Amsterdams Amsterdamse Haags Haagse Rotterdams Rotterdamse Fries Friese Brabants
Brabantse Limburgs Limburgse Antilliaans Antilliaanse Afrikaans Afrikaanse Haagse Utrechtse Groningse christelijk
katholiek protestants islamitisch joods Bijbel Koran Moederdag Vaderdag""".split()

NICKNAMES = """Jopie Keesje Pietje Jantje Gertje Anneke Sjaak Sjakie Sjors Sjon Sjonnie Appie Bertje Beppie Corrie
Corry Dirkie Elsje Fransje Gerdien Gijs Guus Hennie Henny Huub Ineke Jaap Japie Jet Joop Joost Jos Jur Kees Klaas Koos
Leentje Lex Lies Loes Mies Miep Mo Momo Nel Niek Noor Pim Pien Piet Puck Rie Riet Rietje Rinus Roel Ruud Saar Sem Sien
Sjef Stijn Teun Teuntje Thijs Tim Toon Trees Trijntje Truus Wim Wimpie Willie Zus Fien Fleur Mimi Fati Youss Abdel Momo
Ali Moos Mussie Ahmet Memo Hasan Jeroentje Bas Bassie Dick Ed Eef Ger Gert Hans Ad Ab Cor Co Do Jo Jan Ton Ti
Til""".split()

FILLERS = """eh|uh|eh ja|uhm|nou|ja|nou ja|zeg maar|weet je|dus|gewoon|eigenlijk|hè|toch|nee|oké|even kijken|
laat ik zeggen|hoe zeg je dat|een beetje|ik bedoel|snap je|of zo|en dan|en toen|maar goed|in ieder geval|inderdaad|
denk ik|volgens mij|zeg ik dan|tja|ah|o ja|hm|mhm|haha|hahaha|haha|hihi|wauw|
jeetje|jee|och|ach|goh|poe|pff|tjonge|tsja|jazeker|zeker|precies|exact|juist|klopt|prima|super|top|joh|zeg|amai|allee|
hoor|mmm|hmm|ho|oei|au|o|oh|aha|nee hoor|nou en of|echt waar|absoluut|natuurlijk|helemaal|uiteraard|p.m.|m.b.t.|i.v.m.|
d.w.z.|o.a.|e.d.|t.a.v.|n.v.t.|okido|sorry|ja ja|nee nee|ja nee|hè hè""".replace("\n", "").split("|")

ASIDES = """van de gemeente|van communicatie|van hiernaast|van de boekhouding|van de derde verdieping|
van personeelszaken|
van de helpdesk|van ict|van het loket|van de overkant|van de woningbouw|van zuid|uit {l}|van {o}|bij {o}|
die hier toen zat|die nu weg is|die met pensioen is|die dat altijd deed|onze {r}|de {r}|mijn {r}|die {r}|de nieuwe {r}|
een {r} van {o}|{r} bij {o}""".replace("\n", "").split("|")

PHRASES = """
ik heb daar {p} nog over gebeld
toen kwam {p} binnen en die zei dat het anders moest
dat moet je eigenlijk aan {p} vragen
{p} had dat bedacht , samen met {p}
nee dat was {p} , niet {p}
ik zat toen nog bij {p} op de kamer
wij deden dat altijd met z'n drieën , {p} , {p} en ik
en {p} dan , die was er toch ook bij
volgens {p} was dat helemaal niet nodig
ja {g} die kent iedereen hier
{g} zei van joh doe nou even rustig
dan bel ik gewoon {g} en dan is het geregeld
ik weet nog dat {p} tegen mij zei je moet dat niet doen
hallo {g} , kun je mij horen
goedemorgen {g} , fijn dat je er bent
dag mevrouw {s} , gaat u zitten
hoi , met {p}
ik ben {p} , ik werk hier nu vier jaar
mijn naam is {p} en ik ben {r} bij {o}
u spreekt met {p} van {o}
dankjewel {g} voor je tijd
bedankt {g} , tot de volgende keer
mijn {r} {p} was daar heel boos over
onze {r} , {p} , heeft dat toen opgepakt
de {r} heet {p}
er is een {r} , dat is {p} , die regelt dat
{p} , onze {r} , wilde daar niet aan
ik kreeg een mailtje van {p} met de vraag of ik kon komen
ik heb {p} en {p} allebei gesproken
het idee komt van {p}
dat plan was van {g} hoor , niet van mij
{g} 's moeder werkte daar ook
de kamer van {g} is hiernaast
dat is {g} z'n werk eigenlijk
{g} haar agenda zit vol
vraag {g} maar , die weet alles van {t}
ik app {g} wel even
kan {g} dat niet doen dan
wil {g} dat wel
mag {g} dat zelf bepalen
ik zou {p} daar niet mee lastigvallen
zonder {p} was het nooit gelukt
met {p} erbij gaat het vaak beter
bij {p} thuis stond alles vol met dozen
als {p} er niet is dan ligt alles stil
omdat {p} ziek werd moest {p} het overnemen
want {g} en ik hadden dat zo afgesproken
{g} was eerst {r} en toen werd {g} {r}
je hebt {g} en je hebt {g} , dat zijn twee heel verschillende types
en de andere {g} , {p} , die zit in {l}
een zekere {p} belde op
meneer {s} van {o} stuurde een brief
mevrouw {s} en meneer {s} hadden ruzie
de heer {s} heeft het woord
de familie {s} woont daar al dertig jaar
zo'n {s} die maakt het wel uit
{s} en {s} hebben dat rapport geschreven
volgens {s} klopt het cijfer niet
ik noem geen namen maar {p} weet er meer van
gefeliciteerd {g}
{g} , wat vind jij daarvan
wat zeg je {g}
ja {g} zeg het eens
oké {g} dan gaan we door
nou {g} dat is een goede vraag
sorry {g} ik viel je in de rede
dat klopt {g}
we missen {p} nog , wie belt {p} even
is {p} er al
waar is {g}
komt {g} ook
{g}
{p} .
{p} ja
nee , {g} .
aanwezig zijn {p} , {p} , {p} en {p}
afwezig met bericht {p} en {p}
actie {p} : nagaan wat {o} ervan vindt
verslag : {p}
{p} ( {r} bij {o} ) vertelt over het begin
contactpersoon is {p} , te bereiken op werkdagen
cc : {p} , {p}
toen ik bij {o} begon was {p} nog {r}
{p} van {o} en {p} van {o} trokken samen op
vroeger zat {p} in {l} en nu in {l}
in {m} ging {g} weg en in {m} kwam {g}
die {g} toch
onze {g} is pas vier
kleine {g} kwam huilend thuis
arme {g} stond daar in de regen
tante {g} en oom {g} kwamen langs
m'n dochter {g} zit op die school
{g} mijn oudste studeert in {l}
hij heet {g}
ze noemden haar {g} maar eigenlijk heet ze {g}
iedereen zegt gewoon {g}
met een collega , {p} heette die geloof ik
hoe heet ze ook alweer , {g} , ja {g}
dat was in de tijd van {p}
onder {p} werd alles anders
na het vertrek van {p} viel het stil
we hebben het er met {p} over gehad en met {p} van {o}
geef maar door aan {g}
stuur maar naar {g}
dat ligt bij {g}
{g} doet de intake en {g} het huisbezoek
{g} belt , {g} schrijft , en ik doe de rest
ik ga even overleggen met {g} of {g}
noch {p} noch {p} wist ervan
{a} heeft dat met de directie besproken
en toen kwam {a} erbij
{a} vindt van niet
dat was {a} weer
volgens {a} niet
{a} en {a} waren er ook
ik vroeg het aan {a}
ja {a}
{a} ?
nee {a} niet , {a}
ook {a} zag dat
zelfs {a} was stil
dat is van {a}
mevrouw {a} en meneer {a}
{a} doet de planning
toen zei ik tegen {g} , {g} zei ik , dit kan niet
""".strip().splitlines()

# What the names of houses, desks and teams end in.
ENDINGS = """plein loket huis zorg bank hof team punt lab desk raad wijk park kwartier poort brug haven fonds
plan akkoord
straat laan weg gracht kade dorp veld school kerk markt dienst kring net werk pas app""".split()

NO_NAMES = """
ik werk bij {o} sinds {m}
we doen alles via {t} tegenwoordig
dat staat gewoon in {t}
in {m} gaan we naar {l}
ik woon in {l} maar werk in {l}
bij {o} hebben ze dat ook geprobeerd
{o} wilde niet meebetalen
toen kwam {o} met een brief
volgens {o} mag dat niet
vraag het bij {o}
ik zit in {t} en mijn geluid doet het niet
open jij {t} even
{t} loopt weer vast
doe maar in {t}
dat is typisch {n}
een {n} gezin met drie kinderen
zij spreekt geen {n}
de {n} overheid heeft dat besloten
we gingen naar {o} voor boodschappen
vanuit {l} is het een half uur
de trein naar {l} reed niet
{l} is groter geworden
in heel {l} is dat zo
{o} en {o} werken daar samen
het college van {l} moet dat besluiten
de gemeente {l} doet mee
stichting {o} heeft subsidie gekregen
die mensen uit {l} komen niet
sinds {m} is het anders
elke {m} hebben we overleg
tussen {m} en {m} lag het stil
de {r} van {o} was er niet
onze {r} is met vakantie
mijn {r} zei dat ook
dat moet je aan de {r} vragen
mevrouw , zei ik , dat gaat niet
meneer wilde niet opendoen
die mevrouw had drie kinderen
dokter , ik heb zo'n pijn
wethouder , mag ik iets zeggen
ja en toen ging het mis
nee hoor dat valt mee
ik wil dat graag weten en dan mag jij het zeggen
het was mooi weer en de roos bloeide
er kwam storm en toen was de markt dicht
de kok van {o} was ziek
je moet er een mouw aan passen
ik ben dan wel de baas maar goed
ik heb er geen bloem voor in huis
dan hang je er een vlag op
dat is een vast bedrag in euro , geen mark meer
de bakker op de hoek en de slager
een wolf in {l}
met de vos op stap
er is hoop en er is geloof
de koning kwam in {m} naar {l}
wil jij dat even doen
ben jij daar geweest
dat kan mei worden of juni
mei en juni zijn druk
in mei leggen alle vogels een ei
dank voor de moeite
zo groot als een huis
de witte en de zwarte
heel veel berg en dal
de jong volwassenen
aan de dijk en op de dam
van de berg naar de zee
langs de linde en de eik
een bos rozen
haha
haha nee
wauw , dat is veel
het {c} was tegen
bij het {c} kun je terecht
dat hoorde ik van het {c}
we noemen dat het {c}
in het {c} hadden we een {k}
de {c} en het {c}
toen werd het {c} opgericht
{c} was erbij en {c} niet
met {c} en met {o}
de mensen van {c} waren boos
{c} en het {c}
van {c} hoorde ik niets
en {c} dan
de {k} was kwijt
een {k} en een {k}
ik kreeg een {k} mee
{k}
punt twee {k}
sinds de {k} er is gaat het beter
zonder {k} kom je er niet
dan begint de {k} weer
nou dat was een {k} van jewelste
ik vond het een {k}
wil je {k} of {k}
wie wil dat nou
ik wil er wel iets over zeggen
wil dat zeggen dat het stopt
""".strip().splitlines()
