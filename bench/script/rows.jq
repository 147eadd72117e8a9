# One line of CSV for each row of the report.
.Report_Entry[] | [
  .Employee_ID, .First_Name, .Last_Name, (."Email_-_Work" | ascii_downcase), .CF_Management_Level, .businessTitle,
  .Business_Unit, .Job_Function, .People_Manager, .Manager_Email, .City, .Country, .Office, .Locale, .Status, .Groups
] | @csv
